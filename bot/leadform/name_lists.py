"""Words that decide what a name is: titles, legal forms, family names that stand in front. Data only.

Only what is hardly ever anything else: whoever is called Martin or Earl stays so.
"""

from __future__ import annotations

MORE_TITLES = frozenset({"univ.-prof.", "univ-prof", "h.c.", "mult.", "doña", "ph.d.", "a.o."})
"""Titles that nameparser does not know yet."""

_TITLES = """
mr mrs ms mx miss dr prof professor herr hr frau fr mag dipl dipl-ing dr-ing ing mgr mudr judr phdr
rndr bc mme mlle monsieur madame mademoiselle me sr sra srta dra don doña dott dott.ssa sig sig.ra
sig.na avv eng engº ir drs dhr mevr rev hon capt sir dame univ.-prof
"""
TITLES = frozenset(_TITLES.split())
"""Titles, as they stand in a column of first names, without case and final dot."""

_NOT_A_NAME = """
test tester unknown anonymous n/a na none null nil - -- ? . x xx xxx info sales admin contact lead
user name unbekannt inconnu desconocido desconhecido onbekend sconosciuto
"""
NOT_A_NAME = frozenset(_NOT_A_NAME.split()) | {
    "no name",
    "not provided",
    "not set",
    "first last",
    "full name",
    "test test",
    "test user",
    "test lead",
}

_LEGAL_FORMS = """
inc incorporated corp corporation llc llp lllp pllc plc ltd limited gmbh mbh kgaa ohg ug ev eg sarl
srl sàrl bv nv aps oy oyj kft zrt nyrt eood sia uab pty pte pvt bhd sdn tbk pjsc kk gk ooo oao zao
\u043e\u043e\u043e \u0437\u0430\u043e \u043e\u0430\u043e
"""
LEGAL_FORMS = frozenset(_LEGAL_FORMS.split())

AMBIGUOUS_LEGAL_FORMS = frozenset(
    ("AG", "SA", "SE", "SAS", "SL", "AB", "AS", "ASA", "KG", "SpA", "SPA", "Co", "CO", "LP", "LC")
)
"""Legal forms that are names too ("De Sa", "Jo As"): only as companies write them."""

_COMPANY_WORDS = """
company university university's universität solutions technologies consulting consultants holdings
services software systems industries enterprises associates partners ventures labs logistics
laboratories foundation
"""
COMPANY_WORDS = frozenset(_COMPANY_WORDS.split())

_KOREAN_FAMILY_NAMES = """
kim lee park choi jung jeong kang cho jo yoon yun jang lim im han oh seo shin kwon hwang ahn an song
ryu yoo hong jeon ko moon yang son bae baek heo nam noh roh ha joo woo
"""
KOREAN_FAMILY_NAMES = frozenset(_KOREAN_FAMILY_NAMES.split())

_VIETNAMESE_FAMILY_NAMES = """
nguyen tran le pham hoang huynh phan vu vo dang bui do ho ngo duong ly dinh doan truong trinh mai
dao luong cao chau ta quach thai
"""
VIETNAMESE_FAMILY_NAMES = frozenset(_VIETNAMESE_FAMILY_NAMES.split())

_VIETNAMESE_MIDDLE_NAMES = """
van thi duc minh thanh ngoc quoc huu xuan hong quang tuan dinh
"""
VIETNAMESE_MIDDLE_NAMES = frozenset(_VIETNAMESE_MIDDLE_NAMES.split())

_SPANISH_FAMILY_NAMES = """
garcia gonzalez gonzales rodriguez fernandez lopez martinez sanchez perez gomez jimenez ruiz
hernandez diaz alvarez moreno munoz gutierrez ramirez dominguez vazquez vasquez suarez ortega
castillo ortiz nunez cabrera mendoza chavez vargas velasquez velazquez juarez aguilar mendez salazar
guerrero estrada espinoza espinosa contreras figueroa cardenas fuentes miranda ibanez serrano
marquez herrera medina cortes cortez rojas pena cervantes delgado carrillo acosta orozco
"""
SPANISH_FAMILY_NAMES = frozenset(_SPANISH_FAMILY_NAMES.split())
"""Without accents: in the middle of a name they begin the double family name."""

_JAPANESE_FAMILY_NAMES = """
佐藤 鈴木 高橋 田中 伊藤 渡辺 渡邊 渡邉 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 斎藤
斉藤 清水 山崎 池田 橋本 阿部 石川 山下 中島 石井 小川 前田 岡田 長谷川 藤田 後藤 近藤 村上 遠藤 青木
坂本 福田 太田 西村 藤井 岡本 藤原 三浦 中野 中川 原田 松田 竹内 小野 田村 中山 和田 石田 森田 上田
柴田 酒井 宮崎 宮本 横山 高木 安藤 谷口 大野 丸山 今井 高田 藤本 武田 村田 上野 杉山 増田 小島 小山
千葉 平野 大塚 久保 松井 岩崎 桜井 櫻井 野口 松尾 菊地 菊池 木下 野村 新井 佐野 渡部 古川 五十嵐
大久保 佐久間 水野 小松 島田 市川 高野 吉川 山内 西田 飯田 川口 本田 西川 星野 浜田 大西 川崎 服部
秋山 辻本 岩田 久保田 樋口 川上 永井 中西 大島 福島 荒木 土屋 安田 岡崎 本間 大橋 松下 石原 三宅 片山
内田 内藤 大川 矢野 東野
"""
JAPANESE_FAMILY_NAMES = frozenset(_JAPANESE_FAMILY_NAMES.split())

SHORT_JAPANESE_FAMILY_NAMES = frozenset("林森原堀関東辻岡岸谷菅南北星乾")
"""Of one letter; several are Chinese ones too, so the country decides."""
