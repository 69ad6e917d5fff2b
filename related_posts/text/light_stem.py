"""Light stems: endings taken off, in languages that Snowball has no algorithm for.

The longest known ending goes, if three letters are left; where an article or another ending is
written behind it, so does the next. What is left is no root: sounds that change within a word
stay as they are. How many forms of a word come to one stem, and how many words to that of
another, is told in docs/languages.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

#: Letters that must be left.
MIN_LETTERS = 3


class Endings(NamedTuple):
    """What is taken off.

    Attributes:
        each: The endings, separated by white space.
        rounds: How many may stand one behind the other.
    """

    each: str
    rounds: int = 1


_CASES_GE = "ი მა ს ის ისა ით ითა ად ადა ო სა მ"
_BEHIND_GE = (
    "ში ზე თან დან მდე ამდე ისთვის ისგან ისკენ ისადმი ისებრ ივით ითურთ იდან ადმდე სთან სავით "
    "სთვის სკენ სგან"
)

ENDINGS = {
    "uk": Endings(
        "а я о е і ї и у ю ь й є ам ям ами ями ах ях ом ем єм ою ею єю ові еві єві ів їв ей ий "
        "ій ого ього ому ьому им ім їм их їх їй ої ьої ими їми іми іх ість ості остей істю "
        "остям остями остях ти ть в ла ло ли ємо єте ють уть ать ять ить їть иш їш еш єш емо "
        "имо їмо ете ите їте ив ила ило или ав ала ало али яв яла яло яли іла іло іли ати яти "
        "ити іти увати ував увала ували ує ують уєть юєть єть аю аєш ає аємо аєте ають аєть "
        "ання анням анню"
    ),
    "bg": Endings(
        "а я о е и й ь ът ят та то те ия ият ата ята ото ето ите ова ове овете ища ищата ета "
        "етата ам ям им аш яш иш еш ат ме ем аме яме име еме ате ете ах ях их ех ха ше аше яше "
        "еше аха яха иха ал ял ил ел ала яла ила ела ало яло или али ели ан ян ен ани яни ени "
        "ана яна ена ано яно ено ания ание ението анието ения ане яне ене ането енето ост "
        "остта ости",
        rounds=2,
    ),
    "mk": Endings(
        "а о е и у от та то те ов ва во ве он на но не иот ата ото ите иов ава ово иве ион ана "
        "оно ине ови овите ња њата ње њето ењето ањето ење ање ам аш иш еш ат ме ете ал ала "
        "ало але ил ила ило иле ел ела ело еле ев овме еше аше иа аа ост оста ости еа ував ува "
        "уваат уваше увал увала увале увало увана ен ена ено ени ан ани ано ениот аниот ената "
        "аната еното аното ените аните",
        rounds=2,
    ),
    "sk": Endings(
        "a u e i o y á í ú é ý ä ia ie iu ov am om ám em im ach ami ách och ou mi ej ého ému "
        "eho emu ým ých ými ím ích ími imi iam iami iach iou ovi ovia ovou ovej ové ový ová "
        "ového ať iť eť ovať úť ieť al ala alo ali il ila ilo ili el ela elo eli áš áme áte "
        "ajú íš íme íte eš eme ete uje ujú ujem uješ ujeme ujete oval ovala ovalo ovali ný ná "
        "né ní ného nému nej nú ným ných nými aný aná ané aní ený ená ené ení osť osti ostí "
        "osťou ostiam ostiach ejší ejšia ejšie anie ania aniu aním enie enia eniu ením",
        rounds=2,
    ),
    "sl": Endings(
        "a e i o u om em ov ev ah ih eh am im ama ema ami emi imi ega emu ej ima oma ati iti "
        "eti ovati al ala alo ali ale il ila ilo ili ile el ela elo eli ele aš amo ate ata ajo "
        "ava iš imo ite ita ijo iva ejo eš emo ete eta eva uje ujem uješ ujejo ujemo ujete "
        "ujeta ujeva oval ovala ovali ovalo ovale jo ost osti ostjo ostih ostmi an ana ani ano "
        "ane anega anemu anih anim en ena eni eno ene enega enemu enih enim enje enja enju "
        "enjem anje anja anju anjem ni na no ne nih nega nemu nim nimi"
    ),
    "lv": Endings(
        "s š is us a e i u o ā ē ī ū ai ei as es ām ēm im um am ās ēs os iem ais ie ajam ajā "
        "ajai ajos ajās ajiem ajām ajais ajo ība ības ību ībā ībām t ts ta ti tu tas to tam "
        "tai tā tās tām tiem tus tos ju ja jam jat šu si sim siet ot oša oši ošs ošu ošas ošo "
        "ošā ošos ošiem ošām šana šanas šanu šanai šanā ējs ēja ēji ēju ējam ējiem ējus āt āts "
        "āta āti ēt ēts ēta ēti īt īts īta īti ots ota oti jums juma jumu jumā jumi jumus "
        "jumiem"
    ),
    "is": Endings(
        "a i u ar ir ur um s in inn ins inum ina inni innar inu ið nir na unum anna arnir arna "
        "arnar irnir irnar urnar inna an ann ans anum ana unni unnar una ni r ður ða ði ðu "
        "aður uð aðir aðar uðu uðum aðan uðust aðist ast ist nn t st ri ra rar rum urinn"
    ),
    "ka": Endings(
        f"{_CASES_GE} {_BEHIND_GE} ებ თა თ ა ე "
        + " ".join(f"ებ{each}" for each in f"{_CASES_GE} {_BEHIND_GE}".split()),
        rounds=2,
    ),
}
#: Ukrainian writes "itself" behind the ending of a verb.
_REFLEXIVE = {"uk": re.compile("с[яь]$")}


def light_stemmer(language: str) -> Callable[[str], str]:
    """A function from a word to its stem.

    Args:
        language: Primary language code, one of :data:`ENDINGS`.
    """
    endings, rounds = ENDINGS[language]
    known = frozenset(endings.split())
    longest = max(map(len, known))
    reflexive = _REFLEXIVE.get(language)

    def stem(word: str) -> str:
        if not word.isalpha():
            return word  # a name such as .NET, a version
        if reflexive is not None:
            word = reflexive.sub("", word)
        for _ in range(rounds):
            sizes = range(min(longest, len(word) - MIN_LETTERS), 0, -1)
            size = next((size for size in sizes if word[-size:] in known), 0)
            word = word[: len(word) - size]
        return word

    return stem
