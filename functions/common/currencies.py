"""The currencies that people pay in, or have paid in, and how many decimals each has.

Source: SIX Financial Information, the maintenance agency of ISO 4217. List one (active) is as of 2026-01-01. Of list
three (retired) the currencies withdrawn since 1999 are here, with the decimals of their last entry in list one: refunds
and disputes of old payments still come in them. Codes without minor units (gold, special drawing rights, testing and
others) are left out, because nobody is paid in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_ACTIVE = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW "
        "CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF "
        "IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK "
        "MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP "
        "SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG "
        "YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}

_RETIRED = {
    0: "ADP BEF BYB BYR ESP GRD ITL LUF MGF PTE ROL TPE TRL",
    2: (
        "AFA ANG ATS AYM AZM BGL BGN CSD CUC CYP DEM EEK FIM FRF GHC GWP HRK IEP LTL LVL MRO MTL MZM NLG RUR SDD SIT "
        "SKK SLL SRG STD TMM USS VEB VEF YUM ZMK ZWD ZWL ZWN ZWR"
    ),
}

# Adyen's code of the renminbi outside China (https://docs.adyen.com/development-resources/currency-codes).
_OUTSIDE_ISO_4217 = {2: "CNH"}

DECIMALS: Mapping[str, int] = MappingProxyType(
    {
        code: decimals
        for group in (_ACTIVE, _RETIRED, _OUTSIDE_ISO_4217)
        for decimals, codes in group.items()
        for code in codes.split()
    }
)
"""Currency code to the number of decimals of its minor unit: `{"EUR": 2, "JPY": 0, ...}`."""
