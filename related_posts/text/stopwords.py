"""Function words: short lists, because rare-word weighting does the rest.

Long published lists hold words that blogs are about (computer, home, fire,
system). Ours name articles, pronouns, auxiliaries, prepositions and
conjunctions only. Words are in lower case and not stemmed.
"""

from __future__ import annotations

_WORDS = {
    "en": (
        "a about all also an and any are as at be been but by can could did do does for from "
        "had has have he her his how i if in into is it its just may more most my no not of "
        "on one only or other our out she should so some such than that the their them then "
        "there these they this to up us was we were what when which who will with would you "
        "your ll re ve don isn"
    ),
    "de": (
        "aber alle als also am an auch auf aus bei bin bis da damit dann das dass dem den der "
        "des die dies diese dieser dieses doch du durch ein eine einem einen einer eines er "
        "es euch für hat hatte haben hier ich ihr ihre im in ist ja kann kein keine können "
        "man mehr mein mit muss nach nicht noch nur ob oder ohne sein seine sich sie sind so "
        "über um und uns unser unter vom von vor war waren was weil wenn werden wie wir wird "
        "wurde zu zum zur"
    ),
    "fr": (
        "à au aux avec avoir c ce ceci cela ces cet cette ci comme d dans de des donc du elle "
        "elles en encore entre est et été être eu il ils j je l la le les leur leurs lui m ma "
        "mais me même mes mon n ne ni nos notre nous on ont ou où par pas peut plus pour qu "
        "quand que qui s sa sans se ses si son sont sous sur t ta te tes toi ton tous tout tu "
        "un une vos votre vous y"
    ),
    "es": (
        "a al algo ante antes aunque cada como con cual cuando de del desde donde dos e el "
        "ella ellas ellos en entre era es esa ese eso esta está estas este esto estos fue ha "
        "había han hasta hay la las le les lo los más me mi mis muy nada ni no nos nosotros o "
        "os otra otro para pero por porque que qué se ser si sí sin sobre son su sus también "
        "tan te tiene todo todos tu un una uno unos y ya yo"
    ),
    "pt": (
        "a ao aos as até com como da das de dela dele deles depois do dos e é ela elas ele "
        "eles em entre era essa esse esta está este eu foi há isso isto já lhe mais mas me "
        "mesmo meu minha muito na não nas nem no nos nós nossa nosso num numa o os ou para "
        "pela pelas pelo pelos por porque quando que quem se sem ser seu seus só são sua suas "
        "também te tem um uma você vocês"
    ),
    "it": (
        "a ad agli ai al alla alle allo anche c che chi ci come con cosa cui da dagli dai dal "
        "dalla dalle degli dei del della delle dello di dove e è ed era gli ha hanno ho i il "
        "in io l la le lei li lo loro lui ma mi mia mio ne nei nel nella nelle noi non o per "
        "perché più quando quello questa questo se sei si sia sono su sua sue sul sulla suo "
        "ti tra tu un una uno voi"
    ),
    "nl": (
        "aan al als altijd bij dan dat de der deze die dit doch doen door dus een en er ge "
        "haar had heb hebben heeft hem het hier hij hoe hun ik in is ja je kan kon kunnen "
        "maar me meer men met mij mijn moet na naar niet nog nu of om omdat ons onze ook op "
        "over te tot u uit uw van veel voor want waren was wat we wel werd wij wil worden "
        "wordt zal ze zich zij zijn zo zou"
    ),
    "sv": (
        "alla att av blev bli blir de dem den denna deras dess det detta dig din du där efter "
        "eller en ett för från ha hade han har hon hur här i icke in inte jag kan kunde man "
        "med men mig min mot mycket nu när någon något några och om oss på sedan sig sin sina "
        "ska skulle som så till under upp ut vad var vara vi vid vilka är över"
    ),
    "da": (
        "af alle at blev blive bliver da de dem den denne der deres det dette dig din dog du "
        "efter eller en end er et for fra ham han hans har havde hende her hos hun hvad hvis "
        "hvor i ikke ind jeg jo kan kunne man med meget men mig min mod ned noget nogle nu "
        "når og også om op os over på sig sin skal skulle som så til ud under var ved vi vil "
        "ville være"
    ),
    "nb": (
        "alle at av ble bli blir både da de deg dem den denne der deres det dette din du "
        "eller en er et etter for fra før ha hadde han har hans henne her hun hva hvis hvor "
        "hvordan i ikke inn jeg kan kunne man med meg men mer min mot mye ned noe noen nå når "
        "og også om opp oss over på seg sin skal skulle som så til ut under var ved vi vil "
        "ville være"
    ),
    "fi": (
        "ei eikä eli en ennen että ette he heidän hän hänen ilman itse ja jo joka jos jossa "
        "jotka jälkeen kaikki kanssa kuin kuitenkin kun me meidän mikä minun minä missä mitä "
        "mutta myös ne niiden niin no nyt ole oli olivat olla on ovat se sekä sen siellä "
        "siinä sinä sitten sitä tai te tämä tämän vaan vai vain voi"
    ),
    "ru": (
        "а без бы был была были было быть в вам вас во вот все всё вы да для до его ее её "
        "если есть еще ещё же за и из или им их к как ко когда кто ли мне мы на над не него "
        "нет ни них но ну о об он она они оно от по под при с со так также там то того тоже "
        "только ты у уже чем что чтобы эта эти это этого этой этот я"
    ),
    "uk": (
        "а але б без би бо був була були було бути в вам вас ви від він вона вони воно все "
        "для до є ж за з і із й її їх його коли який яка які ми на над не ні них о по при "
        "про та так також там те ти тільки то у уже це цей ця ці чи що щоб я як якщо"
    ),
    "pl": (
        "a aby ale am bez być był była było były co czy dla do gdy go i ich im innych ja jak "
        "jako je jego jej jest jestem jeszcze już kiedy kto która które który ma mają mi mnie "
        "może można mu my na nad nas nich nie nim niż o od on ona one oraz po pod przed przez "
        "przy są się sobie ta tak także tam te tego tej ten to tu tym tylko w we więc z za ze "
        "że"
    ),
    "cs": (
        "a aby ale ani až bez bude budou by byl byla byli bylo být co či další do ho i já jak "
        "jako je jeho její jejich jen ještě jsem jsme jsou již k kde kdo když ke která které "
        "který ma má mezi mi my na nad ne nebo není než o od on ona oni po pod podle pro "
        "proto před při s se si tak také tam ten tento to tu u už v ve však z za ze že"
    ),
    "hu": (
        "a abban ahhoz aki ami amely amelyek az azt be csak de e egy ehhez el én és ez ezek "
        "ezt fel ha hanem hogy is itt ki kell le lesz már meg mert mi mint minden most még "
        "nagyon ne nem ő ők olyan össze pedig s sem szerint számára több után úgy vagy van "
        "vannak volt"
    ),
    "ro": (
        "a acea aceasta această acest acesta al ale am ar are as asta au ca că care ce cel cu "
        "cum da dar de deci decât din după e ea ei el este eu fi fie fost în între la le lor "
        "lui mai mult ne nu o pe pentru poate prin s sa să sau se si și sunt te tot un una "
        "unei unor unui va voi"
    ),
    "tr": (
        "acaba ama ancak bana bazı ben beni biz bu bunu bunun böyle çok da daha de değil diye "
        "en gibi hem hep her hiç için ile ise kadar ki kim mi mı mu mü nasıl ne neden o olan "
        "olarak oldu olduğu on ona onlar onu onun sen siz şey şu tüm ve veya ya yani"
    ),
    "el": (
        "αλλά αν από για δε δεν εγώ είναι ένα ένας εσύ η ήταν θα και κατά με μετά μη μια μόνο "
        "να ο οι όπως ότι ου παρά που πριν προς πως σε στη στην στις στο στον στους τα τη την "
        "της τι τις το τον του τους των ως"
    ),
    "id": (
        "ada adalah agar akan antara atau bagi bahwa banyak bisa dalam dan dapat dari dengan "
        "di hanya harus ia ini itu jika juga kami karena ke kepada kita lebih maka mereka "
        "oleh pada para saat saja sangat saya sebagai sebuah seperti serta sudah telah "
        "tersebut tetapi tidak untuk yang"
    ),
    "ca": (
        "a al als amb aquest aquesta això com de del dels des el ella ells els en entre era "
        "és està ha han hi i la les li llur mes més molt no nosaltres o on per perquè però "
        "que què quan qui s se seu seva si sobre són també te tot un una uns"
    ),
    "ar": (
        "أن أو إذا إلا إلى إن الا الى التي الذي الذين ان او اي بعد بين تلك ثم حتى حيث ذلك على "
        "عن عند في فيه قد كان كانت كل كما كيف لا لم لن له لها ما مع من منذ هذا هذه هل هم هو "
        "هي و ولا وقد يكون"
    ),
    "he": (
        "אבל או אותו אחרי אך אל אם אנחנו אני אף את אתה בין גם הוא היא היה היו הם זה זו יש כדי "
        "כי כך כל לא לו מה מי של על עם רק"
    ),
    "hi": (
        "अपना अपने इस इसके उन उनके उस उसके एक और कर करने का कि किया की कुछ के को कोई गया जब "
        "जा जो तक तो था थी थे द्वारा न नहीं ने पर भी में यह या यदि ये रहा रहे लिए वह वे साथ "
        "से हम ही हुआ है हैं हो"
    ),
    "ko": (
        "그 그리고 그러나 그런 나 내 너 더 등 때 또 또는 를 수 "
        "않 에 에서 와 으로 은 을 의 이 있는 있다 저 것 하는 하다 한 할 해 했다"
    ),
}
_WORDS["no"] = _WORDS["nn"] = _WORDS["nb"]

#: Language code to its function words.
STOP_WORDS = {language: frozenset(words.split()) for language, words in _WORDS.items()}
_NONE: frozenset[str] = frozenset()


def stop_words(language: str) -> frozenset[str]:
    """Function words of a language by its primary code; empty where none are listed."""
    return STOP_WORDS.get(language, _NONE)
