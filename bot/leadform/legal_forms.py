"""Legal forms of companies, as they are written behind a name, in front of it, or onto it without a space.

Data only: whoever compares folds a form as it folds the names. What is as often the beginning of a name ("SAS
Institute", "AG Insurance", "SC Johnson") is a form only behind one.
"""

from __future__ import annotations

_BEHIND = """
inc, incorporated, corp, corporation, co, company, and co, and company, llc, llp, lp, lllp, pllc, plc, ltd,
limited, unlimited, cic, dac, clg, pty, pte, proprietary, pvt, private, sdn, bhd, opc, wll, fze, fzco, fz llc,
dmcc, group, holding, holdings,
gmbh, mbh, gesmbh, ges mbh, ggmbh, ag, kg, kgaa, ohg, og, ug, gug, haftungsbeschränkt, gbr, ek, ev, eg, egen,
se, partg, partgmbb, partg mbb, und co, aktiengesellschaft, kommanditgesellschaft, gesellschaft mbh,
gesellschaft mit beschränkter haftung, unternehmergesellschaft,
sa, sas, sasu, sarl, sarl s, eurl, snc, scop, scp, sca, scs, gie, selarl, selas, sprl, scrl, cie, et cie,
sagl, société anonyme, société à responsabilité limitée, société par actions simplifiée,
sl, slu, sau, sll, slne, sc, s en c, sa de cv, sab de cv, sapi de cv, sas de cv, s de rl, s de rl de cv,
s de rl mi, srl de cv, eirl, sac, saa, cía, y cía, soc coop, s coop, sociedad anónima, sociedad limitada,
sociedad de responsabilidad limitada,
ltda, lda, ltda me, ltda epp, eireli, unipessoal, limitada, cia, e cia, sgps, crl, sociedade anônima,
sociedade limitada,
spa, srl, srls, sapa, scarl, scpa, unipersonale, società per azioni, società a responsabilità limitata,
bv, nv, vof, cv, bvba, cvba, vzw, asbl, naamloze vennootschap, besloten vennootschap,
ab, publ, hb, kb, as, asa, a/s, aps, i/s, k/s, ivs, amba, ans, nuf, oy, oyj, tmi, osk, hf, ehf, ohf,
aktiebolag, aktieselskab, aksjeselskap, allmennaksjeselskap, anpartsselskab, osakeyhtiö,
uab, sia, oü, osaühing,
sp zoo, sp j, sp k, sp ka, sp p, ska, psa, spółka akcyjna, spółka jawna, spółka komandytowa, spółka z oo,
spółka z ograniczoną odpowiedzialnością,
sro, spol sro, akc spol, vos, akciová společnost, společnost s ručením omezeným,
spoločnosť s ručením obmedzeným,
kft, zrt, nyrt, rt, bt, kkt, korlátolt felelősségű társaság,
doo, jdoo, dd, ad, ead, eood, ood, dooel, доо, оод, еоод, ад, еад,
aş, şti, ltd şti, san tic, san ve tic, sanayi ve ticaret, tic, anonim şirketi, limited şirketi,
ооо, оао, зао, пао, ао, нао, одо, тоо, ип, тов, прат, пат, ат, фоп, ooo, oao, zao, pao, jsc, cjsc, ojsc, pjsc,
общество с ограниченной ответственностью, акционерное общество, публичное акционерное общество,
товариство з обмеженою відповідальністю,
αε, αεβε, επε, ικε, οε, μονοπρόσωπη,
בעמ, שמם, شمم, ذمم, شذمم, شمع,
tbk, persero, kk, gk, yk, kabushiki kaisha, godo kaisha, yugen kaisha
"""
BEHIND = tuple(form.strip() for form in _BEHIND.split(","))
"""Forms that stand behind a name as words of their own, of any number of them in a row."""

_IN_FRONT = """
the, ab, oy, as, a/s, uab, sia, oü, sarl, eurl, sasu, pt,
ооо, оао, зао, пао, ао, нао, одо, тоо, ип, тов, прат, пат, ат, фоп, ooo, oao, zao, pao, jsc, cjsc, ojsc, pjsc,
общество с ограниченной ответственностью, акционерное общество, публичное акционерное общество,
товариство з обмеженою відповідальністю,
công ty, công ty tnhh, công ty tnhh mtv, công ty cổ phần, công ty cp, ctcp, tnhh, شركة,
kabushiki kaisha, godo kaisha, yugen kaisha
"""
IN_FRONT = tuple(form.strip() for form in _IN_FRONT.split(","))
"""Forms that stand in front of a name, and the article."""

_EASTERN = """
株式会社, 株式會社, 有限会社, 有限會社, 合同会社, 合資会社, 合名会社,
有限責任公司, 有限责任公司, 股份有限公司, 股份公司, 有限公司,
주식회사, 유한회사, 유한책임회사, 합자회사, 합명회사
"""
EASTERN = tuple(form.strip() for form in _EASTERN.split(","))
"""Forms that are hardly ever anything else, in scripts that need no space between a form and a name."""

STUCK = (
    *EASTERN,
    "公司",
    "集团",
    "集團",
    "(株)",
    "(有)",
    "(同)",
    "(주)",
    "(유)",
    "(합)",
    "บริษัท",
    "จำกัด",
    "(มหาชน)",
)
"""Forms that stand in front of a name or behind it, with a space or without one."""
