"""Files as tools and spreadsheets write them, in data/exports, and what every row of each comes to.

People made up, layouts theirs. A row is name, address, company, employees and event, "|" between them.
"""

from __future__ import annotations

from typing import NamedTuple


class Export(NamedTuple):
    """A file, where its layout is documented or seen, and its rows."""

    file: str
    documented: str
    rows: tuple[str, ...]


EXPORTS: tuple[Export, ...] = (
    Export(
        "hubspot_contacts.csv",
        "https://knowledge.hubspot.com/import-and-export/export-records",
        (
            "Mia O'Neil|mia@north.example|Northwind Traders|1500|contact_us_contact_form@2026-11-11T08:30",
            "|ben@fabrikam.example|||",
        ),
    ),
    Export(
        "salesforce_report_grouped.csv",
        "https://help.salesforce.com/s/articleView?id=sf.reports_export.htm",
        (
            "Ola Nordmann|ola@tailspin.example|Tailspin AS|1250|",
            "Pia Holm|pia@tailspin.example|Tailspin AS|1250|",
            "Ivo Kral|ivo@wingtip.example|Wingtip|40|",
        ),
    ),
    Export(
        "salesforce_dataloader.csv",
        "https://help.salesforce.com/s/articleView?id=sf.exporting_data.htm",
        ("Ada Okoye|ada@proseware.example|Proseware|320|",),
    ),
    Export(
        "pardot.csv",
        "https://help.salesforce.com/s/articleView?id=sf.pardot_prospects_export.htm",
        ("Rosa Diaz|rosa@litware.example|Litware|201|",),
    ),
    Export(
        "marketo.csv",
        "https://experienceleague.adobe.com/en/docs/marketo/using/product-docs/core-marketo-concepts/smart-lists-and-static-lists/managing-people-in-smart-lists/export-people-to-excel-from-a-list-or-smart-list",
        ("Erik Holm|erik@adatum.example|A. Datum|600|",),
    ),
    Export(
        "meta.csv",
        "https://www.facebook.com/business/help/1526849577619206",
        ("Amara Okafor|amara@northwind.example|Northwind|201|form_submission@2026-11-16T12:21",),
    ),
    Export(
        "linkedin.csv",
        "https://www.linkedin.com/help/lms/answer/a422546",
        ("Lena Vogt|lena.vogt@wingtip.example|Wingtip Toys|1001|form_submission@2026-11-16T14:02",),
    ),
    Export(
        "zoom_registration_two_tables.csv",
        "https://support.zoom.com/hc/en/article?id=zm_kb&sysparm_article=KB0068036",
        (
            "Ray Finn|ray@vanarsdel.example|Van Arsdel|1001|webinar_registered@2026-11-10T09:12",
            "Zora Neal|zora@vanarsdel.example|Van Arsdel|51|webinar_registered@2026-11-11T10:00",
        ),
    ),
    Export(
        "zoom_attendee.csv",
        "https://support.zoom.com/hc/en/article?id=zm_kb&sysparm_article=KB0064760",
        (
            "Ray Finn|ray@vanarsdel.example|Van Arsdel||webinar_attended@2026-11-16T14:01",
            "Zora Neal|zora@vanarsdel.example|Van Arsdel||webinar_registered@2026-11-11T10:00",
        ),
    ),
    Export(
        "apollo.csv",
        "https://knowledge.apollo.io/hc/en-us/articles/4409237712141",
        ("Zoe Hart|zoe@blueyonder.example|Blue Yonder, Inc.|1200|",),
    ),
    Export(
        "zoominfo.csv",
        "https://www.zoominfo.com/features/exporting",
        ("Zoe Hart|zoe@blueyonder.example|Blue Yonder|5500|",),
    ),
    Export(
        "zoho.csv",
        "https://help.zoho.com/portal/en/kb/crm-nextgen/sales-force-automation/leads",
        ("Rosa Diaz|rosa@litware.example|Litware Ltd|250|",),
    ),
    Export(
        "pipedrive.csv",
        "https://support.pipedrive.com/en/article/exporting-data-from-pipedrive",
        ("Zoe Hart|zoe@blueyonder.example|Blue Yonder||",),
    ),
    Export(
        "google_ads.csv",
        "https://support.google.com/google-ads/answer/9423234",
        ("Jonas Lind|jonas@fabrikam.example|Fabrikam AB|51|form_submission@2026-11-16T12:00",),
    ),
    Export(
        "typeform_csv.csv",
        "https://help.typeform.com/hc/en-us/articles/360029615911",
        ("Ada Lind|ada@fabrikam.example|Fabrikam|51|form_submission@2026-11-16T10:02",),
    ),
    Export(
        "mailchimp.csv",
        "https://mailchimp.com/help/view-export-contacts/",
        ("Ada Lind|ada@fabrikam.example|Fabrikam||",),
    ),
    Export(
        "eventbrite.csv",
        "https://www.eventbrite.com/help/en-us/articles/647151/",
        (
            "Ray Finn|ray@vanarsdel.example|Van Arsdel||",
            "Zora Neal|zora@vanarsdel.example|Van Arsdel||",
        ),
    ),
    Export(
        "hubspot_german.csv",
        "https://knowledge.hubspot.com/de/import-and-export/export-records",
        ("Jörg Weiß|joerg@weiss.example|Weiß GmbH|320|",),
    ),
    Export(
        "salesforce_german.csv",
        "https://help.salesforce.com/s/articleView?id=sf.reports_export.htm&language=de",
        ("Jörg Weiß|joerg@weiss.example|Weiß GmbH|320|",),
    ),
    Export(
        "german_cp1252.csv",
        "a spreadsheet",
        (
            "Jürgen Müßig|juergen@muessig.example|Müßig & Söhne GmbH|1200|",
            "Käthe Groß|kaethe@gross.example|Groß AG|11|",
        ),
    ),
    Export(
        "french_cp1252.csv",
        "a spreadsheet",
        (
            "Zoé Lefèvre|zoe@lefevre.example|Lefèvre & Fils|1250|",
            "François Dupont|francois@dupont.example|Dupont SA|51|",
        ),
    ),
    Export("spanish.csv", "a spreadsheet", ("Íñigo Muñoz García|inigo@munoz.example|Muñoz S.L.|51|",)),
    Export("portuguese.csv", "a spreadsheet", ("João Gonçalves|joao@goncalves.example|Gonçalves Ltda|201|",)),
    Export("dutch.csv", "a spreadsheet", ("Jan van der Berg|jan@vdberg.example|Van der Berg B.V.|50|",)),
    Export("italian.csv", "a spreadsheet", ("Nicolò D'Angelo|nicolo@dangelo.example|D'Angelo S.p.A.|1000|",)),
    Export(
        "italian_one_word.csv", "a spreadsheet", ("Nicolò D'Angelo|nicolo@dangelo.example|D'Angelo S.p.A.||",)
    ),
    Export("japanese_sjis.csv", "a spreadsheet", ("太郎 山田|taro@yamada.example|株式会社山田商事|1200|",)),
    Export(
        "japanese_fullname.csv",
        "a spreadsheet",
        ("花子 山田|hanako@yamada.example|山田商事株式会社|301|form_submission@2026-11-16T14:02",),
    ),
    Export(
        "polish_cp1250.csv",
        "a spreadsheet",
        ("Łukasz Źdźbło|lukasz@zdzblo.example|Źdźbło i Synowie Sp. z o.o.|51|",),
    ),
    Export("utf16_tab.csv", "a spreadsheet", ("Jörg Weiß|joerg@weiss.example|Weiß GmbH||",)),
    Export("utf16be_nobom.csv", "a spreadsheet", ("Joe White|joe@white.example|White Inc||",)),
    Export(
        "excel_serial_dates.csv",
        "a spreadsheet",
        (
            "Ann Lee|a@fabrikam.example|||webinar@2026-11-13T12:00",
            "Bob Lee|b@fabrikam.example|||webinar@2026-11-14T00:00",
        ),
    ),
    Export(
        "titles_above.csv",
        "a spreadsheet",
        (
            "Jörg Weiß|joerg@weiss.example|Weiß GmbH||",
            "Pia Holm|pia@holm.example|Holm AS||",
        ),
    ),
    Export("sep_line.csv", "a spreadsheet", ("Jörg Weiß|joerg@weiss.example|Weiß GmbH||",)),
    Export(
        "two_columns_of_one_name.csv",
        "a spreadsheet",
        (
            "|a@home.example|Fabrikam||",
            "|b@fabrikam.example|Fabrikam GmbH||",
        ),
    ),
    Export(
        "us_dates.csv",
        "a spreadsheet",
        (
            "Ann A|a@a.example|||webinar@2026-11-05T00:00",
            "Bob B|b@b.example|||webinar@2026-11-13T00:00",
            "Cid C|c@c.example|||webinar@2026-11-13T15:15",
        ),
    ),
    Export(
        "excel_ids.csv",
        "a spreadsheet",
        (
            "Ann A|a@a.example|||",
            "Bob B|b@b.example|||",
            "Cid C|c@c.example|||",
            "Dan D|d@d.example|||",
        ),
    ),
    Export("euro_only.csv", "a spreadsheet", ("Ann Lee|a@l.example|||",)),
    Export("danish.csv", "a spreadsheet", ("|s@k.example|Ærø ApS||",)),
    Export("eucjp.csv", "a spreadsheet", ("太郎 山田|taro@y.example|山田商事||",)),
    Export(
        "mac.csv",
        "a spreadsheet",
        (
            "Zoé Lefèvre|z@l.example|Café de la Paix||",
            "François Été|f@e.example|Hôtel Élysée||",
        ),
    ),
    Export(
        "utf8_with_a_stray_byte.csv",
        "a spreadsheet",
        (
            "Jürgen|j@a.example|Müller||",
            "Jürgen|k@a.example|Bär||",
            "Käthe|l@a.example|Grün||",
        ),
    ),
)
