"""English acts as patterns over act text (apostrophes are gone: "dont", "youre"; number words are figures)."""

import re

from voice_engine.core.dialogue.language.acts import ActGrammar
from voice_engine.core.dialogue.language.en.asks import ASK, ASKING, FACTS, QUESTION, UNKNOWN
from voice_engine.core.dialogue.language.en.standing import INBOUND, MACHINE, RULES

_STARTERS = (
    r"(?:i|we) (?:can|could|do have|have|only have|still have|just have|might|would have|got)|how about"
    r"|what about|would (?:you|that|T\d|D\d)"
    r"|could you|can you|can i|may i|do you|is that|are you|let me|your confirmation|the confirmation"
    r"|youre all set|you are all set|for how many|how many|what time|what name|whats|what is"
    r"|the (?:earliest|next|closest|only|soonest|latest|first)|though i|the best"
)
_MONTHLESS = (
    r"(?:anything|nothing|a thing|any(?:thing)? (?:tables?|openings?|availability|slots?|appointments?|rooms?"
    r"|space|spots?|time)?|(?:any )?availability|openings?|tables?|rooms?|slots?|space|spots?|seats?"
    r"|appointments?|times?)"
)

UNAVAILABLE = (
    r"\b(?:fully|completely|totally|(?<!youre )(?<!you are )all|pretty|already|quite) "
    r"(?:booked(?! (?:in )?for you\b)|full|reserved|taken|committed)"
    r"|\bbooked (?:up|solid|out)|\bsold out|\bno (?:longer )?(?:availability|availabilities|vacanc(?:y"
    r"|ies)|openings?|tables?|rooms?|slots?|space|spots?|seats?|times?|appointments?)\b(?! problem)"
    r"|\b(?:is|(?<!you )are|am|were|was|be|its|im|theyre|thats|that is|been|already|T\d|D\d) (?:all |already "
    r"|completely |totally |fully |just )?(?:full|booked|taken|gone|reserved|unavailable"
    r"|closed)\b(?! service)"
    r"|\b(?:dont|do not|doesnt|does not|didnt|wont|havent|hasnt|have not|cant|cannot) (?:\w+ )?(?:have"
    rf"|got|see|offer|show|find)(?: \w+)? (?:{_MONTHLESS}|that|T\d|D\d|it)\b(?! (?:name|reservation under"
    r"|phone))"
    r"|\b(?:cant|cannot|can not|wont be able to|unable to|not able to|arent able to|isnt able to|couldnt"
    r"|could not|not going to be able to) (?:really )?(?:do|accommodate|fit|seat|take|offer|make|get"
    r"|squeeze|book|give|see|schedule|host)\b(?! (?:the deposit|out))"
    r"|\b(?:isnt|is not|arent|are not|not|wont be|no longer|aint) (?:be )?(?:available|possible|open|free"
    r"|an option|going to work|gonna work)\b"
    r"|\b(?:T\d|D\d|that|it|that time|that day) (?:wont|doesnt|does not|will not|isnt going to|isnt gonna"
    r"|wouldnt) work"
    r"|\bnothing (?:available|open|left|free|at|on|for|that|until|else|in)\b|\bnot (?:have )?(?:anything"
    rf"|{_MONTHLESS}) (?:available|open|left|at|on|for|until)\b"
    r"|\bnot T\d|\bno [a-z ]*availab|\bwe(?:re| are) (?:closed|full)\b|\b(?:ran|run) out of\b"
    r"|\ball (?:of )?(?:our |the )?(?:tables|rooms|slots|appointments) are\b|\bno T\d\b"
    r"|\bi have nothing\b|\bthere(?:s| is| isnt| are| arent) (?:not |no |nothing)[a-z ]*(?:available|left"
    r"|open|at|on|that)|\bthere (?:isnt|arent) any"
)

OFFER = (
    r"\b(?:is|are|would) (?:T|D)\d(?: \w+){0,2} (?:ok|okay|good|fine|all right|alright|possible"
    r"|too (?:late|early)|better)\b"
    r"|\b(?:i|we) (?:can|could|do|would be able to|might be able to|may be able to|should be able to"
    r"|am able to|are able to)(?: actually| probably| also| maybe| still| only| definitely| certainly"
    r"| always| either| even)? (?:do|have|offer|fit|seat|take|give|get|put|squeeze|book|accommodate|make"
    r"|see|move|schedule|host|try|go)\b"
    r"|\b(?:i|we|they|hes|shes|he|she|dr|doctor)(?: do| just| only| still| also| actually| would| d| ve"
    r"| might| may)? ?(?:have|has|had|got|ve got|see|show|offer)\b(?! (?:you|a reservation|to|him|her"
    r"|your))"
    r"|\b(?:how|what) about\b|\bwould (?:you (?:like|prefer|want|take|be (?:ok|okay|open|available|able))"
    r"|T\d|D\d|that|it|you do|either|any)\b|\b(?:do|does|will|would|could|can) (?:T\d|D\d"
    r"|that)(?: \w+){0,3} (?:work|suit|be|do)"
    r"|\b(?:T\d|D\d)(?: \w+){0,3} (?:is|are|s|looks?|would be|works|should be|might be|could be)(?: still"
    r"| also| both| actually)? (?:available|open|free|fine|good|ok|okay|possible|doable|works?)"
    r"|\b(?:an? |the |any )?(?:opening|slot|table|spot|room|availability|cancellation|space|appointment"
    r"|time|something)s?(?: \w+){0,3} (?:available |open |free |left )?(?:at|on|for|around|between|from"
    r"|is|was|would be|tomorrow)\b|\b(?:available|open|free|left)(?: is| are| would be)?(?: at| on| for"
    r"|:)?(?: around)? [TD]\d"
    r"|\b(?:earliest|soonest|next|closest|nearest|latest|first|best|only)(?: \w+){0,6} (?:is|are|would be"
    r"|at|on|be|would)\b|\bcan you (?:do|make|come)|\bcould you (?:do|make|come|take)|\b(?:can"
    r"|could) (?:he|she|they|you guys) (?:do|make|come)"
    r"|\bsqueeze|\b(?:you can|you could|you may) (?:come|have|do|take|get)|\b(?:if|unless) (?:T\d|D\d"
    r"|you (?:want|can|could|like|d like))|\b(?:maybe|perhaps|instead|alternatively|otherwise|or else"
    r"|possibly)\b|\b(?:works for|work for|works better|that works)\b|\bcome (?:in|by|over|at|around"
    r"|on)?\b|\b(?:option|options|choice|choices|alternative)s?\b"
    r"|\bonly (?:at )?[TD]\d|\bfrom T\d (?:on|onwards?)|\b(?:anything|any time|anytime) (?:after|before"
    r"|between|from)|\bpush (?:it|you)|\bmove (?:it|you)|\bits (?:T\d|either)|\b(?:do"
    r"|make) (?:it )?[TD]\d"
)

CONFIRM = (
    r"\b(?:so|okay|ok|alright|right|great|perfect)? ?(?:that(?:s| is| was| will be| would be| makes)"
    r"|thatll be|its|it is|this is|you said|you say|did you say|you mean|you want(?:ed)?|youd like"
    r"|you would like|youre looking|looking for|to confirm|confirming|just to confirm|let me confirm"
    r"|confirm(?: that)?|double check|was that|you asked|you need|do you mean|i heard"
    r"|i have you (?:down )?for|i have (?:a |your )?(?:reservation|table|booking|appointment)|i got you"
    r"|i wrote|let me read|reading (?:that|it) back|repeat (?:that|it) back|make sure|verify)\b"
    r"|^ ?(?:okay |ok |alright |all right |great |so |and |right |perfect |got it |sure |yes |, "
    r"|\. )*(?:a )?(?:table |reservation |party |booking |room )?(?:for |of )?P\d"
)

TAG = (
    r"\b(?:is|was) (?:that|this|it|everything|all that) (?:right|correct|ok|okay|accurate|good)\b"
    r"|\b(?:right|correct|yes) \?|\bdid i (?:get|have|hear) (?:that|it|you|this)(?: right"
    r"| correct(?:ly)?)?|\bdoes (?:that|this) (?:sound|look) (?:right|good|correct|ok|okay)|\bam i right"
    r"|\bhave i got that|\bsound(?:s)? (?:good|right) \?|\bcan you confirm|\bcould you confirm"
    r"|\bplease confirm"
)

BOOKED = (
    r"\b(?:youre|you are|your|were|we are|thats|that is|its|it is|everything(?:s| is)?|all"
    r"|were all) (?:now |all |already |officially )*(?:all )?(?:set|booked(?! (?:up|solid|out|that"
    r"|for that|full))|confirmed|reserved(?! seating)|scheduled|good to go|in the (?:book|books|system)"
    r"|locked in|taken care of|sorted|penciled in|down for|on the books)\b"
    r"|\b(?:i|we)(?: ve| have|ve|m| will|ll| just|)? ?(?:have |ve |just |just now |got |gone ahead and "
    r"|went ahead and |will )?(?:booked|reserved|scheduled|confirmed|put you|got you|have you|wrote you"
    r"|written you|penciled you|marked you|placed you|made (?:the|your|that|a)) ?(?:down|in|the|your|that"
    r"|a|it|for|you|on|under|at|with)\b"
    r"|\b(?:reservation|booking|table|appointment|room|spot)(?: \w+){0,3} (?:is|has been|are|was"
    r"|s) (?:now |all |been )?(?:set|booked|confirmed|reserved|made|scheduled|secured|held|complete"
    r"|in the system)\b|\b(?:reservation|booking|appointment)s? (?:is )?(?:confirmed|complete)\b"
    r"|\b(?:see|seeing) you (?:on |at |then|there|tomorrow|tonight|this|next|[TDP]\d|soon|all|guys|for)"
    r"|\blook forward to (?:seeing|having|welcoming)|\blooking forward to (?:seeing|having|welcoming)"
    r"|\bwell (?:see|be expecting|expect|have (?:it|a table|your table) ready)|\bconsider it done\b"
    r"|\bgot you down|\bhave you down|\bput you down|\ball set\b|\b(?:done and done|its done"
    r"|thats done)\b|\bbooked you\b|\bsuccessfully (?:booked|reserved)"
)

NOT_BOOKED = (
    r"\b(?:not|isnt|arent|cant|cannot|wont|dont|didnt|never|unable|before i|to get you|once|if|until"
    r"|let me|do you want|would you like|shall i|should i|can i|want me to|could i|may i|almost"
    r"|is already|are already|fully|(?<!youre )(?<!you are )all booked(?! (?:in )?for you\b)|going to|gonna)\b"
)

_SOFT_YES = (
    r"(?:yes|yeah|yep|yup|yea|ya|aye|sure|correct|right|exactly|absolutely|definitely|certainly|of course|ok"
    r"|okay|alright|all right|fine|perfect|great|sounds good|sounds great|sounds fine|sounds perfect"
    r"|that works|works for (?:me|us)|that is (?:right|correct|fine|ok|okay|good|perfect|great)"
    r"|thats (?:right|correct|fine|ok|okay|good|perfect|great|it|totally fine)|thatd be (?:great|fine|perfect"
    r"|good|lovely)|that would be (?:great|fine|perfect|good|lovely|wonderful)|no problem|not a problem"
    r"|no worries|go ahead|please do|uhhuh|mmhm|indeed|affirmative|you got it|you bet|gladly|my pleasure"
    r"|i can do that|we can do that|we do|i do|it is|you are correct|youre right|i am|we are|by all means"
    r"|why not|totally|for sure|good|confirmed|i think so|it does|that does)"
)

_ECHO = (
    "for at on in the of a an so and people person persons ok okay right table party reservation "
    "under nights tonight sorry you said was that this then"
)

ACTS = ActGrammar(
    split=re.compile(
        r"[.?!;](?<=[.!;])|(?<=\?)|(?: ,)? (?:but|however|although|though|unfortunately)(?= )"
        r"|(?: ,)? and (?=(?:your confirmation|for how many|how many|what|can i|may i|could|who|when"
        rf"|where|which|is|do|would|under))|(?<=[a-z0-9,]) (?={_STARTERS})"
    ),
    dangling=re.compile(
        r"(?:^|[,.?!;]) ?(?:on|for|so|and|but|then|well)?(?: the)? ?D\d+ ?,? ?$"
        r"|\b(?:what|when|where|who|whom|how|which|why|many|much|long|time|day|date|name|number|kind|type"
        r"|doctor|until|that|if|and|or|to|not) ?$"
    ),
    machine=MACHINE,
    rules=RULES,
    inbound=INBOUND,
    ask=ASK,
    asking=ASKING,
    unknown=UNKNOWN,
    facts=FACTS,
    question=QUESTION,
    unavailable=re.compile(UNAVAILABLE),
    whole_day=re.compile(
        r"\b(?:that|the|this) (?:whole |entire )?(?:night|day|evening|date|week|weekend|afternoon"
        r"|morning)\b|\ball (?:day|night|evening|week)|\bD\d|\bfully (?:booked|committed|reserved)"
        r"|\bcompletely|\btonight|\bbooked (?:solid|up|out)|\bsold out|\bnothing (?:at all|available|left"
        r"|open)|\bno (?:availability|availabilities|vacanc|openings|tables|rooms)|\bclosed"
    ),
    nothing_before=re.compile(
        r"\b(?:nothing|anything|not|no \w+|availability|any \w+|full|booked|available"
        r"|closed)(?: \w+){0,4} (?:before|until|till|til|earlier than|prior to) (?:about )?(?:D\d "
        r"|at )?[TD]\d"
    ),
    offer=re.compile(OFFER),
    hours=re.compile(
        r"\b(?:we|they|it|kitchen|restaurant|office|store|shop|bar|doors?|he|she|clinic|doctor|place"
        r"|which|that|usually|always)(?:re| are| is| usually| normally| do)? ?"
        r"(?:opens?|closes?|opening|closing|serves?|stops? serving)\b(?! (?:for you|up))|\b(?:opening"
        r"|business|office|our) hours\b|\b(?:check ?in|check ?out|breakfast|lunch|dinner|brunch"
        r"|happy hour) (?:is|starts|begins|ends|runs) (?:at|from|until|by|between)"
        r"|\bopen (?:from|until|till|every|daily|monday|24)|\bclosing time"
    ),
    confirm=re.compile(CONFIRM),
    tag=re.compile(TAG),
    booked=re.compile(BOOKED),
    not_booked=re.compile(NOT_BOOKED),
    denied=re.compile(r"\bnot(?: at| on)? $"),
    yes=re.compile(
        rf"^(?: ?(?:oh|well|so|and|um|,|\.|ah|hi|hello) )*(?:{_SOFT_YES})\b(?! (?:away|now|here|back|to"
        r"|after|before|not|how|i have a|number|for P)\b)|[,.!] (?:yes|yeah|thats correct|that is correct"
        r"|thats right|that works|sounds good) ?[.!]?$"
    ),
    no=re.compile(
        r"^(?: ?(?:oh|well|so|um|,|\.|ah|hi|hello) )*(?:no|nope|nah|not (?:really|quite|exactly|at all"
        r"|yet|today)|negative|absolutely not|of course not|i (?:dont|do not) think so|im afraid not"
        r"|thats (?:not|wrong|incorrect)|that is (?:not|wrong|incorrect)|incorrect|thats not (?:right"
        r"|correct|it)|it (?:isnt|is not|doesnt)|we dont|i dont|dont)\b(?! (?:problem|worries"
        r"|need to worry|matter|mention))"
    ),
    greeting=re.compile(
        r"^(?: ?[,.] ?)*(?:hello|hi|hey|hiya|good day)\b|\bgood (?:morning|afternoon|evening)\b|\bthank(?:s"
        r"| you) for calling|\bhow (?:can|may|could) (?:i|we) (?:help|assist|direct)|\bhow can i be of"
        r"|\b(?:this is|its) [a-zX0-9 ]+ speaking|\bwhat can i do for you|\bspeaking how\b"
    ),
    thanks=re.compile(
        r"\bthank(?:s| you)\b(?! for calling)|\bi appreciate (?:it|that)|\bcheers\b|\bmuch appreciated"
    ),
    goodbye=re.compile(
        r"\b(?:good ?bye|bye|bye bye|take care|have a (?:good|great|nice|wonderful|lovely|pleasant"
        r"|blessed|beautiful) (?:day|night|evening|one|afternoon|weekend|rest)|have a good"
        r"|talk to you (?:later|soon)|see you (?:later)|see ya|good night|catch you later"
        r"|so long|farewell)\b"
    ),
    echo=frozenset(_ECHO.split()),
)
