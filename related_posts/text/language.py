"""Language codes: one for each language, however a blog writes it."""

from __future__ import annotations

#: Old codes, codes of three letters, and codes of what is one language to its readers.
_ALIASES = (
    "iw=he in=id ji=yi jw=jv mo=ro fil=tl nb=no nn=no sh=sr cmn=zh yue=zh wuu=zh arz=ar "
    "ary=ar ara=ar bel=be ben=bn bul=bg cat=ca ces=cs cze=cs chi=zh zho=zh dan=da deu=de ger=de "
    "ell=el gre=el eng=en epo=eo est=et eus=eu baq=eu fas=fa per=fa pes=fa fin=fi fra=fr fre=fr "
    "gle=ga glg=gl heb=he hin=hi hrv=hr hun=hu hye=hy arm=hy ind=id isl=is ice=is ita=it jpn=ja "
    "kor=ko lit=lt lav=lv mkd=mk mac=mk mar=mr msa=ms may=ms nep=ne nld=nl dut=nl nor=no nob=no "
    "nno=no pol=pl por=pt ron=ro rum=ro rus=ru slk=sk slo=sk slv=sl spa=es sot=st srp=sr swe=sv "
    "tam=ta tel=te tha=th tur=tr ukr=uk urd=ur vie=vi yid=yi"
)
ALIASES = dict(pair.split("=") for pair in _ALIASES.split())
#: Codes that name no language: undetermined, none, several, and those that are not listed.
_NONE = frozenset({"und", "zxx", "mul", "mis", "x"})


def primary(tag: str) -> str:
    """The language of a BCP 47 tag, as one code.

    Regions and scripts do not part a language: ``pt-BR`` gives ``pt``. Old codes and codes of
    three letters are known (``iw`` and ``heb`` give ``he``), and Bokmål and Nynorsk are both
    ``no``: who reads one reads the other.

    Args:
        tag: A tag in any case, with hyphens or underscores; may be empty.

    Returns:
        The code in lower case; empty where the tag names no language.
    """
    code = tag.replace("_", "-").strip().partition("-")[0].strip().lower()
    return "" if code in _NONE else ALIASES.get(code, code)
