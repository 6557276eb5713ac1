"""English questions: for our slots, for what slots cannot answer, and for facts of a business."""

import re

from voice_engine.core.dialogue.commands import Fact, SlotName

ASKING = re.compile(
    r"^(?: ?(?:and|ok|okay|so|great|sure|perfect|alright|yes|yeah|wonderful|excellent|then|well|thanks"
    r"|fine|good|cool|lovely|thank you|no problem|got it|,|\.) ?)*"
    r"(?:any (?!time|day|of those)|(?:last |first |full )?name and"
    r"|what|whats|which|who|whose|whom|when|where|how|can|could|may|might|do|does|did|is|are|will|would"
    r"|should|have|any|shall|under what|for what|for which|for when|for how|at what|on what|in what"
    r"|with what|by what|to what)\b"
    r"|\b(?:(?:can|could|may|might) (?:i|we|you)|i(?:ll| will| would| do)? (?:just )?(?:need|require"
    r"|have to|must)|i (?:just )?need|we(?:ll| will)? need|please|give me|tell me|let me (?:get|have|know"
    r"|grab|take)|id (?:just )?(?:like|need)|provide|what (?:is|was|are|will|would|time|day|date|name"
    r"|number|kind|type)|whats|how (?:many|much|long|large|big|old|should)|do you|are you|is (?:it|this"
    r"|that|there)|would you|which|and (?:the|your|her|his|their|a|an|what|how|for|under|who|when)|missing"
    r"|i still need|all i need)\b"
)

QUESTION = re.compile(
    r"\?|^(?: ?(?:and|ok|okay|so|hi|hello|,|yes|yeah) ?)*(?:what|whats|which|who|whose|when|where|how|can"
    r"|could|may|do|does|did|is|are|will|would|should|have|any)\b"
)

_ASK: tuple[tuple[str, SlotName], ...] = (
    (
        r"\bhow many(?: (?:people|guests?|persons?|of you|in|are|will|would|is|adults|diners|seats|covers"
        r"|there|should|do|am|folks|heads|other|total|, |\?)|$| \?)|\bfor how many\b(?! (?:nights|days"
        r"|hours|weeks))|\b(?:party|group) size|\bsize of (?:the|your) (?:party|group)|\bhow (?:large"
        r"|big) (?:is|will|of a|a|are|would) (?:your|the|party|group|you|be)?|\bnumber of (?:people"
        r"|guests|persons|diners)|\bhow many$|\btable for how|\bwhat(?:s| is) (?:the|your) (?:headcount"
        r"|head count)|\bhow many (?:will|would|are you)",
        "party_size",
    ),
    (
        r"\b(?:what|which|preferred|particular|specific|at what|certain) (?:time"
        r"|hour)s?\b(?! (?:are you (?:open|closed)|do you (?:open|close)|does|is check|is the|zone"
        r"|should))|\btime (?:would|do|did|were|are|works|for|were you|you)\b(?! being)|\b(?:and|the"
        r"|your) time\b(?! (?:is|has|will|of))|\bhow (?:early|late|soon)\b"
        r"|\bwhat time\b(?! (?:are you (?:open|closed)|do you (?:open|close)|does|is check))"
        r"|\bmorning or (?:afternoon|evening)|\bafternoon or evening|\ba time in mind|\blunch or dinner",
        "time",
    ),
    (
        r"\b(?:what|which|preferred|particular|specific|for what|on what|on which|certain) (?:day"
        r"|date)s?\b|\bfor when\b|\bwhen (?:is|was|would|will|were|did|do|are) (?:it|this|that|you"
        r"|the reservation|the booking|the appointment|your reservation)\b(?! (?:leav|check|open|close"
        r"|born|call))|\b(?:the|and the|and your) date\b(?! of)|\bwhat(?:s| is) (?:the|your) (?:date"
        r"|day)\b(?! of)|\bdate (?:would|do|did|were|are) you|\bwhen for|\bday of the week"
        r"|\bcheck(?:ing)? in (?:date|day)|\bwhen (?:do|will|would|are) you (?:like to )?(?:arriv"
        r"|check(?:ing)? in|com(?:e|ing))|\barrival date|^(?: ?(?:and|ok|okay|so|,) ?)*when \?$"
        r"|\bwhen would you like|\ba date in mind",
        "date",
    ),
    (
        r"\bhow many nights?\b|\bhow long (?:are|will|would|is|do|were) (?:you|the|your|they"
        r"|he)(?: \w+){0,3} (?:stay|be with us|be here|staying|need|plan)|\blength of (?:the |your )?stay"
        r"|\bnumber of nights|\bfor how many (?:nights|days)|\bhow many days",
        "nights",
    ),
    (
        r"\bcheck(?:ing)? ?out (?:date|day)|\bwhen (?:are|will|would|do|is) (?:you|he|she|they"
        r"|the guest)(?: \w+){0,4} (?:check(?:ing)? ?out|leav(?:e|ing)|depart(?:ing)?)|\bdepart(?:ure"
        r"|ing) (?:date|day)|\bwhat (?:day|date)(?: \w+){0,5} (?:check(?:ing)? ?out|leav(?:e|ing)|depart)"
        r"|\bcheck ?out when|\buntil (?:when|what (?:day|date)|which)",
        "check_out",
    ),
    (
        r"\b(?:what|which|type of|kind of|sort of|preferred|what kind of|what type of) (?:bed|room)s?\b"
        r"|\broom (?:type|preference|category)|\b(?:king|queen|double|twin|single|2 (?:queens?|doubles?)"
        r"|1 (?:king|bed|queen)|suite)s?(?: \w+){0,2} or (?:a |an |1 |2 )?(?:\w+ )?(?:king|queen|double"
        r"|twin|single|queens|doubles|suite|standard)|\bsmoking or non|\bhow many (?:rooms|beds)\b"
        r"|\bbed (?:type|preference|size)|\bsingle or double",
        "room",
    ),
    (
        r"\b(?:what|which) (?:service|treatment|procedure|(?:kind|type|sort) of (?:appointment|visit"
        r"|service|treatment|exam|cleaning|haircut|massage|consultation))s?\b|\b(?:reason|purpose) (?:for"
        r"|of) (?:the|your|his|her|this|their|patients) (?:visit|appointment|consultation)|\bwhat(?: is|s"
        r"| was|ll)? ?(?:the|your|this|it)? ?(?:appointment|visit|reason|problem|issue|concern"
        r"|complaint)\b(?: for)?(?! (?:for|of) (?:your |the |this )?call)|\bwhat (?:are|is|would"
        r"|will) (?:you|he|she|they|it|the patient)(?: \w+){0,3} (?:coming in|need|having done|done"
        r"|come in|seeing|seen|be seen|see the doctor|see us) ?(?:for|about)?\b"
        r"|\bwhat do you need (?:done|to be seen|an appointment)|\bseems? to be the (?:problem|trouble"
        r"|matter)|\bwhat brings you|\bis (?:it|this) for a (?:check|clean|consult|follow|routine"
        r"|physical)",
        "service",
    ),
    (
        r"\b(?:which|what|preferred|particular|specific|certain) (?:doctor|dr|provider|dentist|physician"
        r"|hygienist|stylist|barber|therapist|practitioner|specialist|clinician)\b|\bwho (?:do|does|would"
        r"|did|will|are|is|were) (?:you|he|she|they|the patient)(?: \w+){0,4} (?:see|seeing|prefer"
        r"|come to|appointment with)\b|\bwith (?:whom|which (?:doctor|provider|dentist|stylist)|who)\b"
        r"|\bdoctor preference|\bwho(?:s| is) your (?:doctor|dentist|provider|primary|physician)"
        r"|\bdo you have a (?:doctor|provider|dentist|preferred)",
        "doctor",
    ),
    (
        r"\b(?:inside|indoors?|outside|outdoors?|patio|terrace|bar|booth|window|high ?top|counter"
        r"|dining room|garden|lounge|main room)(?: \w+){0,3} or (?:at |in |on |a |an |the )*(?:inside"
        r"|indoors?|outside|outdoors?|patio|terrace|bar|booth|window|high ?top|counter|dining room|garden"
        r"|table|lounge|main|regular|standard)\b|\bseating (?:preference|preferences|area|request)"
        r"|\bwhere (?:would|do) you (?:like|want|prefer) to (?:sit|be seated)|\b(?:prefer"
        r"|preference)(?: \w+){0,4} (?:inside|outside|indoors?|outdoors?|booth|seating)"
        r"|\bwould you (?:like|prefer) (?:to sit )?(?:inside|outside|indoor|outdoor)",
        "seating",
    ),
    (
        r"\bdate of birth|\bbirth ?da(?:te|y)\b(?! (?:party|dinner|celebration|or|\?|meal))|\bd o b\b|\bdob\b"
        r"|\bwhen (?:were|was) (?:you|he|she|the patient|they) born|\bhow old",
        "birth_date",
    ),
    (r"\be ?mail\b", "email"),
    (r"\binsurance\b|\binsured\b|\bcoverage\b", "insurance"),
    (r"\b(?:what(?:s| is)|how much is) your budget|\bprice range|\bbudget\b", "price"),
    (
        r"\b(?:confirmation|reservation|booking|reference|account|record locator) (?:number|code|id)\b",
        "code",
    ),
    (
        r"\b(?:phone|telephone|contact|call ?back|cell|mobile|cellphone|daytime|best|good|your|a"
        r"|whats the) (?:phone |contact |callback |cell |mobile )?(?:number|digits)\b(?! of)"
        r"|\bnumber (?:to (?:call|reach|contact|put)|i can|we can|where|for (?:you|the reservation"
        r"|the booking|that|contact))|\b(?:what|which|whats|a) (?:phone |contact )?number(?: is| for"
        r"| should| can| to|$| \?)|\bwhere can (?:i|we) (?:reach|call) you|\bhow can (?:i|we) (?:reach"
        r"|contact) you|\bphone number|\bcontact (?:details|info|information)|\b(?:can|may"
        r"|could) i have (?:the|your|a) number",
        "phone",
    ),
    (
        r"\b(?:what|whats|which|whose|who(?:s)?|under what|for what|(?:can|may"
        r"|could) i (?:please )?(?:have|get|take|grab|ask(?: for)?)|i(?:ll| will| just)? (?:just )?need"
        r"|give me|tell me|have|get|and|is there|provide|ask|please)(?: \w+){0,5} (?:last |first |full "
        r"|sur|family |patients |guests )?(?:name|surname)\b(?! of (?:the|your|this) (?:company|business"
        r"|doctor))|^(?: ?(?:and|ok|okay|so|the|your|a|,|last|first|full|great|sure|perfect) )*(?:name"
        r"|surname|last name|first name)(?: please| for (?:the|that|this)(?: \w+)?| on (?:the"
        r"|that) \w+)?(?: ?[?.])?$|\bname (?:for|on|under|should|shall|will|would|is|can|do"
        r"|may)(?: (?:the|this|that|it|your|i|we|you) ?\w*)* \?|\bunder (?:what|which|whose)|\bwho(?:s"
        r"| is| shall| should| will)?(?: \w+){0,3} (?:for|under)(?: \?|$)|\bwho(?:s| is) (?:the|this"
        r"|that) (?:reservation|appointment|booking|table|room)?(?: \w+)? ?(?:for|under)?|\bwho (?:is"
        r"|s) (?:it|this) for\b|\bname for (?:the|this|that) (?:reservation|booking|table|appointment)"
        r"|\bname and (?:an? |your |the )?(?:\w+ )?number\b"
        r"|\bhow (?:should|do|shall) i (?:put|address|list)|\bwhat(?:s| is| was) (?:the|your) (?:last "
        r"|first |full |good )?name|\bin (?:what|whose) name",
        "name",
    ),
)

ASK = tuple((re.compile(pattern), slot) for pattern, slot in _ASK)

_UNKNOWN: tuple[tuple[str, str], ...] = (
    (r"\b(?:credit|debit|card|cvv|cvc|security code|expiration|expiry|visa|mastercard|amex)\b", "card"),
    (
        r"\bdeposit|\bprepay|\bpre ?payment|\bpay (?:up ?front|in advance|now)|\bpayment\b|\bhow (?:will"
        r"|would) you (?:be |like to )?pay",
        "payment",
    ),
    (r"\ballerg|\bdietary|\bvegetarian|\bvegan|\bgluten|\bkosher|\bhalal", "allergy"),
    (r"\b(?:special )?occasion|\bcelebrat|\bbirthday (?:or|\?|party|dinner|celebration)|\banniversary", "occasion"),
    (
        r"\bnew (?:or|patient|client|customer|here|guest)|\bexisting patient|\bfirst (?:time|visit"
        r"|appointment)|\b(?:been|come|dined|visited|stayed|seen)(?: \w+){0,3} (?:here|us|with us|before"
        r"|in the past|previously)\b|\breturning|\bestablished patient|\bfirst timer",
        "new_or_existing",
    ),
    (
        r"\b(?:your|home|street|mailing|billing) address|\bzip ?code|\bpostal code|\bwhere do you live"
        r"|\bwhat city",
        "address",
    ),
    (
        r"\bsocial security|\bssn|\bpassport|\bdrivers? licen[cs]e|\bphoto id|\bidentification|\bid number"
        r"|\blicense plate|\bmember (?:id|number)|\bpolicy number|\bgroup number|\bmedical record",
        "identity",
    ),
    (
        r"\b(?:which|what) (?:location|branch|site|store|office|one of our)\b|\bwhich of our|\bat which"
        r" (?:location|branch|restaurant|clinic|hotel|office)\b",
        "location",
    ),
    (
        r"\bhigh ?chairs?|\bbooster|\bstroller|\bkids? menu|\bwheel ?chair|\bany (?:children|kids|pets|dogs?)"
        r"|\bany (?:special|other|particular|additional) (?:requests?|needs|requirements?|notes|requirement"
        r"|accommodations?)|\bspecial requests?|\bpets?\b",
        "special_request",
    ),
    (
        r"\b(?:symptoms?|medications?|medical (?:history|conditions?)|pain|pregnant|fever|referr(?:al|ed))\b",
        "medical",
    ),
    (r"\bbreakfast\b|\bparking\b|\bloyalty|\brewards|\bmembership", "extras"),
    (r"\bwait ?(?:ing )?list", "wait_list"),
)

UNKNOWN = tuple((re.compile(pattern), topic) for pattern, topic in _UNKNOWN)

_FACTS: tuple[tuple[str, Fact], ...] = (
    (
        r"\bcancel(?:l)?ation (?:policy|fee|charge)|\b(?:fee|charge|penalty)(?: \w+){0,4} cancel"
        r"|\bcancel(?: \w+){0,5} (?:fee|charge|penalt|refund)|\brefund|\bhow (?:late|far"
        r"|long)(?: \w+){0,5} cancel|\bno show",
        "cancellation",
    ),
    (
        r"\binsurance|\bcopay|\bmedicare|\bmedicaid|\bin network|\bblue cross|\baetna|\bcigna|\bdelta dental",
        "insurance",
    ),
    (r"\bpark(?:ing)?\b|\bvalet|\bgarage", "parking"),
    (
        r"\b(?:what|your|business|opening|office|store|working|holiday|weekend) (?:are (?:your"
        r"|the) )?(?:\w+ )?hours\b|\b(?:when|what time|how late|how early|until when"
        r"|what days?)(?: \w+){0,5} (?:open|close|closing|opening|closed)\b|\bare you (?:guys |still "
        r"|currently |all |usually )*(?:open|closed)\b|\b(?:do|are) you (?:\w+ )?open\b|\bhours of operation"
        r"|\byour hours|\bopen (?:on|today|tomorrow|this|late|until|[DT]\d|right now|now)|\bclosing time",
        "hours",
    ),
    (
        r"\bwhere (?:are|is|r) (?:you|your|the)(?: \w+){0,3}|\b(?:your|the|what|whats the|exact"
        r"|street) address|\baddress (?:is|please)|\blocat(?:ed|ion)|\bdirections\b|\bhow (?:do|can"
        r"|would) i (?:get|find)(?: (?:to you|there|you|your))|\bwhat (?:street|part of town|city"
        r"|neighborhood)|\bnear(?:est|by| the)|\bcross street",
        "location",
    ),
    (
        r"\bhow much\b|\bprices?\b|\bpricing|\bcosts?\b|\bcharge\b|\brates?\b|\bfees?\b|\bexpensive"
        r"|\bwhat do you charge|\bquote\b|\bestimate\b",
        "price",
    ),
    (
        r"\bmenu\b|\bvegan|\bvegetarian|\bgluten|\bdishes|\b(?:do|can) you (?:have|serve)(?: any)? (?:food"
        r"|pizza|pasta|fish|steak|sushi|dessert|wine|beer|kids)|\bspecials\b",
        "menu",
    ),
    (
        r"\b(?:what|which|kind of|type of|list of) (?:\w+ )?(?:services|treatments|procedures)|\b(?:do|can"
        r"|does|could) (?:you|they|he|she)(?: guys| also| all| even| still)* (?:offer|do|provide|perform"
        r"|treat|handle|fix|repair|carry|sell|specialize|work on|see|have|accept|take|speak|deliver"
        r"|cater)\b",
        "services",
    ),
    (r"\b(?:your|the) (?:phone|fax|direct|telephone) number|\bfax\b|\bwhat number", "phone"),
    (
        r"^(?: ?(?:and|ok|okay|so|hi|hello|also|, |yes|yeah|um|i was wondering|i wanted to know"
        r"|can you tell me|could you tell me|do you know) ?)*(?:what|whats|which|who|when|where|how|can|could"
        r"|do|does|is|are|will|should|why|is there|are there|am i)\b(?! (?:i|you (?:hear|help|repeat|say"
        r"|spell)|about))(?:.*\?|(?: \S+){3,})|\bi (?:was wondering|wanted to know|have a question"
        r"|wanted to ask|need to know)\b|\bquestion about",
        "other",
    ),
)

FACTS = tuple((re.compile(pattern), fact) for pattern, fact in _FACTS)
