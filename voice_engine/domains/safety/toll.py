"""Numbers that cost extra to call: what libphonenumber calls premium, and the prefixes that it does not.

libphonenumber (9.0.43) reports +1 212 976, +49 900 and +34 905 as ordinary or unknown. Sources of the prefixes:
each country's plan in ITU-T's national numbering plans (Operational Bulletin) and its regulator (NANPA, Ofcom,
BNetzA, ARCEP, CNMC, AGCOM, RTR, BAKOM, ACM, BIPT, ANACOM, UKE, PTS, Nkom, Traficom). Ireland's 15xx and Malta's
5xxx share their prefixes with ordinary lines and are left to libphonenumber. Shared-cost ranges (ES 902, DE 0180,
PT 808) are allowed. The rows come from general knowledge of those plans: review a country's before it carries paid
traffic.
"""

import re

import phonenumbers

_TABLE = """
1900
4470 449 44871 44872 44873
34803 34806 34807 34905 34907
4912 49137 4919 49900
3389
39144 39166 39892 39893 39894 39895 39899
43900 43901 43930 43931 43939
41900 41901 41906 423900 423901 423906
31900 31906 31909
32900 32901 32902 32903 32904 32905 32906 32907 32909
351601 351607 351608 351646 351648 351760 351761 351762
48700 48701 48703 48704 48708
46900 46939 46944 4699
47820 47829
4590
358600 358700
420900 420906 420908 420909
421900
3690 3691
40900 40903 40906
35990
30901 30909
38560 38561 38564 38565 38569
38690
372900
3709
37190
352900 352905
35790
35490
870 881 882 883 888 979
"""

PREFIXES = tuple(_TABLE.split())
"""E.164 prefixes without the plus sign. The last row of the table: satellite and shared international networks
(870, 881 to 883, 888) and international premium rate (979), ITU-T E.164 annexes."""

_LOCAL_976 = re.compile(r"1\d{3}976\d{4}")
"""Pay-per-call exchange 976 under any area code (NANPA, "N00 and 976")."""

_COSTLY_TYPES = frozenset({phonenumbers.PhoneNumberType.PREMIUM_RATE, phonenumbers.PhoneNumberType.PERSONAL_NUMBER})
"""Personal numbers follow a person at the caller's cost (UK 070: Ofcom, "Personal numbering")."""


def costs_extra(number: phonenumbers.PhoneNumber) -> bool:
    """Whether a call to `number` (possible, parsed) is charged above an ordinary call's price."""
    digits = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164).removeprefix("+")
    if digits.startswith(PREFIXES) or _LOCAL_976.fullmatch(digits):
        return True
    return phonenumbers.number_type(number) in _COSTLY_TYPES
