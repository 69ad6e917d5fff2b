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
        "un une vos votre vous y jusqu lorsqu puisqu quelqu"
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
        "ti tra tu un una uno voi dell all nell dall sull quest quell anch dov cos"
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
    "et": (
        "aga ega ehk ei enne et ette ga iga ilma ja ju juba kas kes kui kuid kuidas kus kõik "
        "küll ma me meie mida mille minu mis mitte mu muu mõne nad need nende neid ning nii "
        "nüüd ole olema oleks oli olid olla on oma pärast see seda selle siis siin sest sa "
        "sina sinu ta te tema teie tuleb üle vaid veel või välja ära üks"
    ),
    "eo": (
        "al ankaŭ ankoraŭ antaŭ aŭ ĉe ĉi ĉiuj ĉu da de dum ekster el en estas estis estos "
        "esti eĉ ĝi ĝia ĝis ili ilia inter jam je jen kaj ke kiam kie kiel kio kiu kiuj krom "
        "kun la laŭ li lia mi mia ne nek ni nia nur oni ol per plej pli por post preskaŭ pri "
        "pro sed se sen si sia sub super sur ŝi ŝia tamen tiam tie tiel tio tiu tiuj tra "
        "trans tre tuj vi via"
    ),
    "eu": (
        "al ala ari arte asko aurre baina baino bai bat batean batek baten batzuk beste bere "
        "berriz bezala bi da dago dira direla dituzte ditu du dute egin ere eta ez gara gu "
        "guk gure guztiak hau hauek hori horiek hura izan izango izaten ni nik nire non nor "
        "nola noiz oso ondoren ordea zen ziren zein zer zu zuen zure zuten"
    ),
    "fa": (
        "آن آنها آنان آیا از است اگر اما او ای این با باید بر برای بعد به بود بودند بین پس "
        "پیش تا تو چه چون چیزی حتی خود در دارد دارند داشت دو را روی زیر سپس شد شده شما شود که "
        "کرد کرده کند کنند کنید ما من می نمی نه نیز نیست هر هم همه همین هیچ هست هستند و وی "
        "ولی ها های یا یک"
    ),
    "ga": (
        "ach ag agus ann anseo ar arbh aici aige air aon as atá bhí bhfuil bheadh bheith ba "
        "beidh cad chomh chuig chun cé conas de den do don dá é faoi fuair féin go gur í iad "
        "idir is isteach le leis linn má mar mé mise mo muid na nach ná ní níl níor nó nuair "
        "ó ón orm ort os sa san sé seo sí siad sin sinn sna tá thar trí tú um"
    ),
    "hy": (
        "այդ այլ այն այս առանց ապա բայց դա դեպի դու դուք եթե ես են էի էին էիր էր եմ ենք եւ է "
        "էլ ըստ թե իր իսկ ի կա կամ կարող հետ հետո համար մեզ մեջ մեր մենք մի մոտ նա նաեւ նրա "
        "նրանք նրանց չէ չի որ որը որոնք որպես ու ով պետք վրա տակ քան քո"
    ),
    "lt": (
        "ant apie ar arba aš be bei bet bus buvo būti dar dėl gali ir iš į ją jai jam jau jei "
        "jis ji jie jo jos jų juos ka kad kai kaip kas ko kol kuri kurie kuris kurių kur "
        "labai man mano mes mūsų nei nes net nors nuo o pat per po prie prieš pro su savo ta "
        "tai taip tam tas tarp tie to tu tik tiek turi už va visi vis yra"
    ),
    "ne": (
        "अनि अब अर्को आफ्नो आफू उनले उनी उनको एक एउटा कति कसरी का कि किन की को कुनै केही गरेको "
        "गर्न गर्ने गरी छ छन् छैन छु जब जस्तो जुन जो त तथा तर तिमी थियो थिए देखि न नै नि पनि "
        "पर्छ बाट भने भएको भन्ने म मा माथि मेरो यदि यस यसको यो र रहेको लाई ले वा साथ सँग सबै "
        "हाम्रो हामी हुन हुन्छ हो हरू"
    ),
    "sr": (
        "a ako ali bez bi bila bili bilo bio biti da do dok ga gde i ih ili im iz ja je jer "
        "jesam još joj ju kada kako kao kod koja koje koji koju kojih ko li me mi mu na nad "
        "nakon nam nas ne nego neki nije nisam nismo nisu ni o od on ona oni ono ova ove ovo "
        "ovaj po pod pre preko pri s sa sam samo se si smo su sve svoj šta što ta tada te to "
        "taj ti tu u uz vas vi već za zbog će ćemo"
    ),
    "hr": (
        "a ako ali bez bi bila bili bilo bio biti da do dok ga gdje i ih ili im iz ja je jer "
        "još joj ju kada kako kao kod koja koje koji koju kojih li me mi mu na nad nakon nam "
        "nas ne nego neki nije nisam nismo nisu ni o od on ona oni ono ova ove ovo ovaj po "
        "pod prije preko pri s sa sam samo se si smo su sve svoj što tko ta tada te to taj ti "
        "tu u uz vas vi već za zbog će ćemo"
    ),
    "st": (
        "a ba bane bo boela ca di e empa esale eka fa fela feela ha hae haholo hammoho hape "
        "hobane hona hore ho ka kahare ke kgotsa kapa ko la le lona leha mme me mo moo na ne "
        "neng nna o oa pele re rona sa se sena seo setse tla tsa tse tsena tsona wa wena ya "
        "yena yona ye hoba"
    ),
    "ta": (
        "அது அதன் அதை அந்த அவர் அவர்கள் அவள் அவன் ஆகும் ஆனால் ஆனது இது இதன் இதை இந்த இங்கு "
        "இருந்து இருந்தது இல்லை உள்ள உள்ளது என என்ற என்று என்ன என்பது எந்த எல்லாம் எனவே ஏன் "
        "ஒரு ஓர் கூட கொண்ட சில செய்து தன் தான் நான் நாம் நாங்கள் நீ நீங்கள் பல பிறகு பின்னர் "
        "போது போல மட்டும் மற்றும் மிக மீது முன் முதல் யார் வரை வேண்டும் வந்த"
    ),
    "yi": (
        "א אָבער אבער אויב אויף אויך אויס איז אין איר איך אים אַז אז אָדער אדער אונדז אונטער "
        "און ביז ביי בין דאָס דאס די דער דעם דעמאלט דו האָבן האָט האט ווי ווייל וואָס וואס "
        "וועט ווען ווער זיי זיך זיין זענען זי מיר מיט מען נאָך נאך ניט נישט נאָר נאר עס ער "
        "פון פֿון פאר פֿאַר צו צום קיין קען"
    ),
    "bg": (
        "а ако ала бе без беше би бил била били било в вас ви във вече все всички да до "
        "докато го е едно един една ето за защо защото и из или им има иска й как като към "
        "която което които който кой ли май ме мен ми много може на над най нас не него нея "
        "ни но ня о около от по под при преди през с са само се си след според със съм сме "
        "също така такъв там те тези то този тази това той тя тук у че ще я"
    ),
    "sk": (
        "a aby aj ako ale alebo ani až bez bol bola boli bolo bude budú by byť čo či do ho i "
        "iba ich im ja je jeho jej každý kam kde keď kto ktorá ktoré ktorý ku ma má mať medzi "
        "mi mnou my na nad nám nás než nie o od on ona oni ono po pod podľa pre pred pri s sa "
        "si som sme sú so svoj ta tak tam tento teraz to toho tom tu tú ty už v vám vo však z "
        "za zo že"
    ),
    "sl": (
        "a ali ampak bi bil bila bili bilo biti bo bodo če da do ga gre in iz ja jaz je jih "
        "jim jo k kaj kako ker ki kjer ko kot lahko le med mi mu na nad naj nam ne ni niso "
        "njegov o ob od oba on ona oni pa po pod potem pred pri s sa saj sam se si smo so sta "
        "svoj ta tako te tega tem ti to tudi tu v vi vsak vse z za zaradi že"
    ),
    "lv": (
        "ar arī bet bez bija bijis būs būt caur cik dēļ es gan ir ja jau jo jūs kad kā kam "
        "kas ka ko kur kurš kura kuri lai līdz man mans mēs mūsu nav ne nekā no nē par pa pat "
        "pēc pie pirms savu savā starp šī šis šo tā tad tāpēc tas tie tikai to tomēr tu uz un "
        "vai var vēl viņa viņi viņš viņu vairāk visi vien ļoti"
    ),
    "gl": (
        "a á ao aos as así ata cada coa coas co con como cos da das de dende do dos e é el "
        "ela elas eles en entre era esa ese esta este está foi hai ha isto iso lle lles máis "
        "mais me meu min miña moi na nas nin no nos non nós noso o ó os ou outra outro para "
        "pero pola polas polo polos por porque que quen se sen ser seu seus si só sobre son "
        "súa súas tamén te ten todo todos un unha unhas uns vostede"
    ),
    "vi": (
        "ai anh bạn bị bởi các cái cho chỉ chúng có còn cũng của cứ do đã đang đây để đến đều "
        "đi đó được gì hay hơn hoặc họ khi không là lại làm lên lúc mà mình mỗi một nào này "
        "nên nếu nhưng những như nó ở phải qua ra rất rồi sau sẽ sự ta tại thì theo thế tôi "
        "trên trong từ và vào vẫn vậy về vì với vừa"
    ),
    "ur": (
        "اس اسے اگر ان انہوں اور آپ ایک بھی پر تا تک تم تو تھا تھی تھے تھیں جا جب جس جو جیسے "
        "دی دیا رہا رہی رہے سب سے کا کر کرتے کرنے کو کوئی کہ کہا کی کے کچھ کیا گئی گیا لیکن "
        "لئے لیے مگر میں نہ نہیں نے وہ ہم ہو ہوئے ہوا ہوتا ہوتی ہوں ہی ہے ہیں یا یہ یہاں"
    ),
    "mr": (
        "आणि आता आपण आपला आपल्या आहे आहेत असे असा अशी असून आम्ही इतर एक कसे का काही काय की "
        "कोणी कोणत्या गेला गेले गेली च चा ची चे जर जी जे जो झाला झाली झाले ठरते तर तरी ती तिचा "
        "ते तो त्या त्याचा त्याच्या त्यांनी त्यांच्या तुम्ही नये नाही ना पण पर्यंत परंतु मग "
        "मध्ये माझा मी म्हणून म्हणजे या यांनी येथे व वर सर्व साठी ही हा हे होता होती होते होऊन"
    ),
    "bn": (
        "অথবা আছে আমরা আমাদের আমার আমি আর আরও এ এই এক একটা একটি এবং এর ও ওই কখন করা করে করেন "
        "করতে কি কিছু কিন্তু কী কে কেন কোন কোনো কোথায় জন্য জন্যে ছিল ছিলেন তা তাই তাদের তার "
        "তারা তিনি তুমি তো থেকে দিয়ে নয় না নিয়ে নেই পর পরে পর্যন্ত বলে বা ভাবে মধ্যে মতো "
        "যখন যদি যা যাতে যায় যার যে যেন সঙ্গে সব সাথে সে সেই সেখানে হবে হয় হয়ে হয়েছে হলে "
        "হিসেবে"
    ),
    "ja": (
        "です ます した まし って から ので のは のが のを のに には では とは とが いる いて "
        "ある あり され れる れて せん ませ でき きる する して すが しま こと とい いう もの "
        "ため よう うに うな うで そう その この れは れを なの なり なる なっ った っと など "
        "たい でし しょ だっ あっ ない なく かっ くな まで より とし たと てい いま"
    ),
    "zh": (
        "我们 我們 你们 你們 他们 他們 这个 這個 那个 那個 一个 一個 这些 這些 可以 因为 因為 "
        "所以 但是 如果 没有 沒有 什么 什麼 怎么 怎麼 就是 不是 还是 還是 也是 都是 的是 这样 "
        "這樣 自己 以及 或者 而且 并且 並且 已经 已經 的 了 是 在 和 与 與 也 就 都 而 及 着 "
        "或 吗 吧 呢"
    ),
}
_WORDS["no"] = _WORDS["nn"] = _WORDS["nb"]

#: Language code to its function words.
STOP_WORDS = {language: frozenset(words.split()) for language, words in _WORDS.items()}
_NONE: frozenset[str] = frozenset()


def stop_words(language: str) -> frozenset[str]:
    """Function words of a language by its primary code; empty where none are listed."""
    return STOP_WORDS.get(language, _NONE)
