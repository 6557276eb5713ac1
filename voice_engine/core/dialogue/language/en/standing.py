"""English acts that stand on their own: recordings, opt-out, hold, transfer, and what inbound callers want."""

import re

from voice_engine.core.dialogue.commands import (
    AreYouRobot,
    DeclineRecording,
    Hold,
    Repeat,
    Screening,
    Spell,
    VoicemailGreeting,
    WantBooking,
    WantCancel,
    WantReschedule,
    WhoIsCalling,
    WrongNumber,
)
from voice_engine.core.dialogue.language.acts import (
    call_back,
    fixed,
    message,
    not_inbound,
    opt_out,
    refuse,
    rule,
    transfer_to,
)

_GENERIC = frozenset(
    [
        "human",
        "person",
        "people",
        "someone",
        "somebody",
        "real",
        "live",
        "representative",
        "rep",
        "agent",
        "operator",
        "anyone",
        "actual",
        "being",
        "individual",
        "customer",
        "service",
    ]
)
_LEADING = re.compile(r"^(?:(?:the|a|an|your|one of your|to|with|some) )+")

MACHINE = (
    rule(
        r"\b(?:state|say|record|tell me|announce|leave|give) your (?:full )?name (?:and|,|after"
        r"|then)(?! (?:number|a (?:brief |short )?message|phone|message|telephone|your (?:number|phone)))"
        r"|\bscreening\b|\bcall assist\b"
        r"|\b(?:record|state|say) your name\b.*\breason|\b(?:state|say|record) (?:the )?(?:reason|why)\b"
        r"|\bperson youre (?:trying to (?:call|reach)|calling)\b.*\b(?:screen|name|copy)"
        r"|\bill see if (?:this|the) person is available|\bbefore i (?:try to )?connect you\b",
        fixed(Screening()),
    ),
    rule(
        r"\b(?:after|at|following|wait for) the (?:tone|beep|signal)|\bvoice ?mail(?:box)?\b"
        r"|\bmail ?box (?:is|of|belong)|\bleave (?:me |us )?(?:a |your |an? )?(?:brief |short |detailed "
        r"|quick )?(?:message|name (?:and|,)|voice)|\b(?:cant|cannot|not able to|unable to"
        r"|not available to|cant get to|not here to|no one is available to|nobody is available to"
        r"|isnt available to|are not available to|not in to) (?:come to |get to |take |answer "
        r"|pick up )(?:the |your |my )?(?:phone|call)"
        r"|\bthe (?:person|party|number|subscriber|customer) (?:you|that you)[a-z ]+(?:is|are) (?:not"
        r"|un) ?(?:available|accepting|in service|reachable)|\brecord your message|\bforwarded to"
        r"|\b(?:get|call) (?:back to )?you (?:back )?as soon as (?:possible|i can|we can)",
        not_inbound(VoicemailGreeting()),
        unless=r"\b(?:would you like|do you want|want|can i|could i|may i|if you want|if youd like|id like"
        r"|i would like|shall i|like to|you can|i can|or you) (?:to )?(?:leave|take|speak)\b(?!.*(?:tone"
        r"|beep))",
    ),
)

RULES = (
    rule(
        r"\b(?:dont|do not|never|stop|quit|please dont) (?:ever )?(?:call(?:ing)?|phone|phoning"
        r"|contact(?:ing)?|ring(?:ing)?|bother(?:ing)?)(?: (?:me|us|here|this|my|our|again|back|anymore)"
        r"|$| [,.!])(?! back (?:at|before|until|later))"
        r"|\b(?:take|remove|delete|get) (?:me|us|my|our|this)(?: \w+){0,3} (?:off|from"
        r"|out of)(?: \w+){0,3} (?:list|lists|database|system|records)\b|\b(?:do not|dont) call (?:list"
        r"|registry)|\bopt(?:ing)? (?:me |us )?out\b|\bunsubscribe\b|\blose (?:my|this|our) number\b"
        r"|\bno more calls\b|\bstop calling\b",
        opt_out,
        unless=r"\b(?:dont|do not) call (?:\w+ )?(?:it|him|her|them|before|until|after|at)\b|\b(?:what"
        r"|which) (?:do|number)|\bdont call back until",
    ),
    rule(
        r"\bwrong (?:number|person|place|phone)\b|\b(?:no|not)(?: one| 1|body|t anyone"
        r"| person) (?:here )?(?:by|with"
        r"|of|here|named|called)(?: \w+){0,2} (?:name|here|lives)|\b(?:this|that) (?:is|isnt|is not"
        r"|isn) ?(?:not )?(?:a|the) (?:restaurant|hotel|clinic|business|doctors?|dentists?|salon|private"
        r"|residential|residence)(?: \w+)? ?(?:number|phone|residence|home|house|line)?$|\bthis isnt (?:a"
        r"|the) (?:restaurant|hotel|clinic|business|store|salon)|\bthis is not (?:a|the) (?:restaurant"
        r"|hotel|clinic|business|store|salon)|\b(?:private|residential) (?:number|residence|home|line)"
        r"|\bmisdial|\bthis is a (?:private|personal|home|cell|residential)\b|\bdont know (?:who|anyone"
        r"|what) (?:that|by|youre talking)",
        fixed(WrongNumber()),
        unless=r"\b(?:do|did|have) (?:you|i) (?:have |get |got )?(?:the )?wrong|\bgave you the wrong",
    ),
    rule(
        r"\b(?:is|are|am|was) (?:this|that|you|it|i|we)(?: \w+){0,6} (?:a |an )?(?:real|robot|machine"
        r"|computer|bot|ai|human|live person|recording|automated|artificial|a person|robo ?call|chatbot"
        r"|a real (?:person|human|one)"
        r"|siri|alexa|person or)\b(?! (?:is|will|may))|\b(?:talking|speaking|chatting) (?:to|with) (?:a "
        r"|an )?(?:real |actual |live )?(?:robot|machine|computer|bot|ai|human|recording|automated|person"
        r"|a i)\b|\byou(?: are|re)? (?:sound like )?(?:a |an )?(?:robot|machine|bot|computer|ai"
        r"|automated)\b|\bis this (?:a )?(?:robo|recorded|recording|automated|prerecorded)"
        r"|\byou(?:re| are) not (?:even )?(?:a )?(?:real|human|actual)\b"
        r"|\bare you (?:a )?(?:real|human|robot|ai|bot|person|machine)\b|\bsound like (?:a |an )?(?:robot"
        r"|machine|computer|recording)|\ba i \?",
        fixed(AreYouRobot()),
        unless=r"\b(?:speak|talk|connect|transfer|get|put)(?: me)?(?: through)? (?:to|with) (?:a|an|some)"
        r"|\bmay be recorded|\bcall is|\bbeing recorded",
    ),
    rule(
        r"\b(?:dont|do not|didnt|did not|rather not|prefer not to|refuse to|never"
        r"|not) (?:\w+ ){0,4}(?:be |being |consent to (?:being )?|want (?:this |you )?(?:to "
        r"|call )?(?:be )?|agree to (?:be(?:ing)? )?)?(?:record(?:ed|ing)?|taped?)\b|\b(?:stop|turn off"
        r"|switch off|quit|end|disable) (?:the |this |your )?record(?:ing|er)|\bno recording\b"
        r"|\bwithout (?:being )?record",
        fixed(DeclineRecording()),
        unless=r"\bdont have (?:a |any )?record|\bnot recorded\b.*\bpolicy|\bdo not record",
    ),
    rule(
        r"\bwho(?:s| is| are| am i| may i say is|m i)? (?:is )?(?:this|calling|speaking|you"
        r"|on the (?:line|phone)|there|that|i speaking|i talking)\b|\bwho (?:am i|are we"
        r"|do i have) (?:speaking|talking|the pleasure)|\bwho (?:do|are) you (?:work|represent|call)"
        r"|\bwhere are you calling from|\bwho (?:did you say|s calling|is it)|\b(?:may|can"
        r"|could) i (?:ask|know) (?:who|whos|what (?:this|its|company)|whats|where)|\bwhat(?:s"
        r"| is) (?:this|it|the call|your call) (?:about|regarding|concerning|in reference|pertaining)"
        r"|\bwhat company|\b(?:what|reason)(?: is|s)? (?:the )?(?:reason|purpose|nature) (?:for"
        r"|of) (?:your|the|this) call|\breason for (?:your )?call|\bwhat are you calling (?:about|for"
        r"|regarding)|\bwhy are you calling|\bwho(?:s| is)? calling|\bidentify yourself"
        r"|\bon behalf of who|\bwhat(?:s| is) this (?:call )?(?:about|regarding)|\bwhat do you want"
        r"|\bwhats going on\b",
        fixed(WhoIsCalling()),
        unless=r"\bwho (?:is|s) (?:it|this|that) (?:for|under)|\bthank you for calling|\bwho are you (?:seeing"
        r"|here to see|looking)",
    ),
    rule(
        r"\b(?:spell|spelled|spelling|spelt)\b(?! (?:s|it as|as|with|[a-z] [a-z]))",
        lambda match, scene: Spell(),
        unless=r"\b(?:ill|let me|i can|i will|its|it is|thats) (?:spell|spelled)|\bspelled [a-z]\b"
        r"|X\d+ (?:is )?spelled",
    ),
    rule(
        r"\b(?:say|repeat|tell me|come|run) (?:that|it|this|again|what you said"
        r"|yourself)(?: \w+){0,3} ?(?:again|1 more time|once more|please|back)?\b(?<! back)|\b(?:pardon"
        r"|sorry|excuse me|huh|what) ?(?: ?[,.])*\?|^(?: ?(?:im|i am))? ?(?:pardon|sorry"
        r"|excuse)(?: me)? ?[?.]?$|\bwhat (?:was|did you) (?:that|say|you say)|\b(?:didnt|did not|couldnt"
        r"|could not|cant|cannot|cant quite|dont) (?:quite |really |actually )?(?:catch|hear|understand"
        r"|get|make out|follow|pick up)\b|\b(?:speak|talk) (?:up|slower|more slowly|louder|a (?:bit"
        r"|little))|\b(?:1|one) more time\b|\bonce more\b|\bcome again\b|\byoure (?:breaking up"
        r"|cutting out|very quiet)|\bbad (?:connection|line)|\brepeat\b|\bsay again\b|\bi missed that"
        r"|\bwhats that\b|\bbeg your pardon",
        lambda match, scene: Repeat(),
        unless=r"\b(?:let me|ill|i will|just to|to) (?:just )?(?:repeat|say that again|run)|\bcant (?:hear"
        r"|understand) why",
    ),
    rule(
        r"\b(?:hold|hang|stay|wait|bear)(?: on| with)?(?: (?:the |please |for |just |me|on|a|1|one|please"
        r"|second|moment|minute|sec|line|there|1 second|to|that thought))*\b(?: please| for me| while| a"
        r"| 1| $|$| [,.]|)(?<! hold)|\b(?:1|one|just|a|gimme|quick|give me|half a) (?:a )?(?:quick "
        r"|short |little )?(?:moment|momento|second|sec|minute|min|2th|tick|mo)\b|\blet me (?:just "
        r"|quickly |go |see if |have a )?(?:check|look|see|pull|find|ask|get|grab|verify|take a look"
        r"|transfer|put you|connect|bring|open|consult|confirm with|talk to)\b|\b(?:ill|i will"
        r"|im going to|im gonna|let me) (?:just |quickly )?(?:check|look|see (?:what|if)"
        r"|put you (?:on hold|through)|transfer|connect you|go check|ask|be right back|find out|go and"
        r"|get (?:someone|her|him|them|the manager))|\bbear with me|\bbe right (?:back|with you)"
        r"|\bplease (?:hold|wait|stand by)|\bhold (?:on|please|the line)|\bon hold\b|\bwhile i (?:check"
        r"|look|transfer|pull|get)|\bchecking\b(?! (?:in|out))|\bstand by\b|\bgive me a (?:moment|second"
        r"|sec|minute)|\ball (?:of )?our (?:agents|representatives|operators|lines) are"
        r"|\byour call is important|\bnext available (?:agent|representative|operator|associate)"
        r"|\bremain on the line|\bstay on the line|\bconnecting (?:you|your call)|\btransferring (?:you"
        r"|your)",
        not_inbound(Hold()),
        unless=r"\b(?:can|could|will|well|we) hold (?:1|it|them|that|those|\d+|P\d+)\b(?! (?:sec|mom|min|tick))"
        r"|\b(?:hold|holding|held) (?:the |a |your |it|that|this)?(?:table|reservation|room|spot|card"
        r"|booking|under|for (?:you|P|T|X))|\bcredit card to hold|\bto hold\b|\bwait ?list"
        r"|\bwaiting (?:list|room|time)|\blet me (?:know|confirm (?:that|your|the)|see (?:you|your))"
        r"|\bcheck (?:in|out)\b|\bwait time|\blong wait|\bhalf a minute walk|\bwho put you on hold",
    ),
    rule(
        r"\b(?:(?:speak|talk|chat)(?= (?:to|with) )|get|connect|transfer|put|pass|direct|patch)(?: me"
        r"| us)?(?: through| over"
        r"| on)? (?:to|with|with)? ?(?P<who>(?:a |an |the |your |one of your |some )?(?:real |live "
        r"|actual )?[a-zX0-9 ]{2,40}?)(?= please| about| now| instead| regarding| if| right| [,.?!]"
        r"|[,.?!]|$)|(?<!not a )\b(?:human|representative|operator|agent|real person|live person|customer service"
        r"|manager|supervisor|receptionist)(?: please)?(?: ?[.!?])?$|\bis (?P<who2>X\d+) (?:there"
        r"|available|in|around)\b",
        transfer_to(_GENERIC, _LEADING),
        unless=r"\bto (?:you (?:later|soon|then|about|guys)|you)\b(?! manager)|\bam i (?:speaking|talking)"
        r"|\bare you|\bspeaking (?:to|with) (?:a |an )?(?:robot|machine|ai|bot)|\bis this|\b(?:ill|i will"
        r"|let me|im going to|i can|we can|ill have to|have to|need to) (?:transfer|connect"
        r"|put you|speak|talk|get|pass|direct|ask)\b(?! (?:to|with) (?:a|an|the|some|X))|\bget (?:to|back"
        r"|in|the|a|you|your|my|an|it|some|there)\b|\bput (?:you|it|me down|that|down|the|under|a|in"
        r"|me on)|\bpass(?:ed|word)|\btransfer you|\bconnect you|\bnice talking|\bto (?:speak|talk) to \?"
        r"|\bwho would",
    ),
    rule(
        r"\b(?:call|try|ring|phone)(?: us| me| again| back| him| her)* (?:back |again )?(?P<when>(?:later"
        r"|tomorrow|after|in|at|around|on|during|when|next|another|some other|between|before|D\d|T\d"
        r"|an? hour)\b[a-zDTN0-9 ]*)|\b(?P<call>call|try|ring)(?: us| me)? (?:back|again)\b(?! (?:if"
        r"|as soon))",
        call_back,
        unless=r"\b(?:well|i will|ill|we will|i can|we can|can i|can we|could i|let me|someone will|ill have"
        r"|have \w+|you want me to|going to|could you have|shall i|should i|i d|we d) (?:just "
        r"|give you a )?(?:call|ring|phone|try)|\b(?:dont|do not|never|stop) call|\bnumber (?:to|we can"
        r"|i can) call|\bwho(?:s)? call|\bthanks? (?:you )?for|\bwhat (?:time|number) (?:should|can|do)"
        r"|\bif (?:you|anything)|\bwant (?:us|me) to call|\blike (?:us|me) to call",
    ),
    rule(
        r"\b(?:not interested|no interest in)\b",
        refuse("not_interested"),
    ),
    rule(
        r"\b(?:we|i) (?:dont|do not|cant|cannot|no longer|wont|will not|never|are not able to"
        r"|arent able to|are unable to|am not able to|am unable to) (?:currently |usually |even |really "
        r"|actually )?(?:take|accept|do|make|offer|give(?: out)?|provide|allow|discuss|share|handle|book"
        r"|work with|deal with|talk to) (?:any |our |out |phone |telephone |new |those |these |walk "
        r"|that |this |over the |calls |with |to )*(?:reservations?|bookings?|appointments?|new patients"
        r"|patients|information|robots?|automated|machines?|solicit|sales|ais?|callers?|over the phone"
        r"|by phone|by telephone|insurance|parties|groups)\b|\bwalk ?ins? only|\bwalk in only|\b(?:online"
        r"|website|app) only|\bonly (?:take|accept|do)(?: \w+){0,2} (?:online|walk ins?|in person"
        r"|through)|\b(?:have to|need to|must|should|can only|you can) (?:book|reserve|do (?:it|that)"
        r"|make (?:it|a reservation|an appointment|the reservation)|go|schedule)(?: \w+){0,4} (?:online"
        r"|on (?:our|the) (?:website|app|site)|in person|through (?:our|the))|\bfirst come first served?"
        r"|\bnot (?:currently |presently )?(?:accepting|taking)(?: any| on)?(?: new)? (?:patients|clients|customers"
        r"|reservations|bookings|appointments)\b",
        refuse("not_by_phone"),
    ),
    rule(
        r"\bhang(?:ing)? up (?:now|on)|\b(?:leave (?:me|us) alone|go away|screw you|get lost|fuck off"
        r"|piss off)\b",
        refuse("hostile"),
    ),
)

INBOUND = (
    rule(
        r"\b(?:reschedule|move|change|push(?: back)?|postpone|switch|shift|rebook"
        r"|bring forward) (?:\w+ ){0,3}(?:appointment|reservation|booking|visit|time|date|table|slot"
        r"|consultation|it|meeting)\b|\breschedul\w*|\bcant make (?:it|my)(?: \w+){0,4} (?:reschedul"
        r"|instead|another|different)|\banother (?:time|day) instead",
        fixed(WantReschedule()),
    ),
    rule(
        r"\bcancel\b(?! (?:policy|fee))|\bcancel(?:l)?ing (?:my|the|our)|\bcall (?:it )?off\b|\b(?:wont"
        r"|not going to|cant|cannot|not) (?:be able to )?(?:make (?:it|my appointment|the appointment"
        r"|our reservation)|need (?:the|my) (?:appointment|reservation|booking))",
        fixed(WantCancel()),
        unless=r"\breschedul|\bcancellation (?:policy|fee)|\bhow (?:do|can|late|far)|\bwhats? (?:the|your)"
        r"|\binstead of cancel|\bcancel .*(?:charge|fee|policy)|\bmove (?:it|my)",
    ),
    rule(
        r"\b(?:book|make|schedule|reserve|set up|get|need|have|arrange|want|like|request"
        r"|looking for)(?: \w+){0,4} (?:appointment|reservation|booking|table|slot|consultation|visit"
        r"|cleaning|checkup|check up|haircut|room|session|massage|meeting)\b|\b(?:book|reserve"
        r"|schedule) (?:a|an|the|something|with|for|me|in|us)\b|\bcome in (?:for|to see|and see)"
        r"|\bto book\b|\bbook in\b|\bare there (?:any )?(?:openings|slots|appointments)|\b(?:any"
        r"|have) (?:availability|openings|slots|anything available)",
        lambda match, scene: WantBooking(service=_service(scene.text)),
        unless=r"\b(?:cancel|reschedul\w*|move|change|postpone|push)\b|\bi (?:already )?have an? (?:appointment"
        r"|reservation|booking)|\b(?:do i|did i) have|\bmessage\b",
    ),
    rule(
        r"\b(?:leave|take|pass(?: on| along)?|give (?:him|her|them)|send)(?: \w+){0,3} (?:a |my "
        r"|this )?message\b(?:(?: for [a-zX0-9]+)? (?:that|saying|to say|its|:|,) ?(?P<text>.+))?"
        r"|\b(?:tell|let|inform) (?:him|her|them|X\d+|the (?:owner|manager|doctor|team|office)|dr [a-z]+"
        r"|mr [a-z]+|mrs [a-z]+|ms [a-z]+)(?: know)? (?:that |i |to )?(?P<text2>.+)"
        r"|\b(?:tell|let) (?P<text3>(?!(?:me|us|you|them|him|her|the|a|an|it|that|this)\b)[a-zX0-9]+(?: know)?"
        r" (?:that )?(?:i|im|ive|ill|id|we|were|weve|well|my|our|to)\b.+)|\bcan (?:someone"
        r"|somebody|he|she|they|you have \w+) (?:please )?call me (?:back|when)|\bhave (?:him|her|them"
        r"|someone|somebody) (?:please )?(?:call|ring) me",
        message,
        unless=r"\bleave (?:at|on|by|before|after)\b(?! a message)",
    ),
)


def _service(text: str) -> str | None:
    """What the booking is for, in their words: "a cleaning"."""
    match = re.search(r"\bappointment for (?:a |an |my |the |some )(?P<s>[a-z]+(?: [a-z]+)?)", text) or re.search(
        r"\b(?:book|schedule|get|need|want|for) (?:a |an |my |some )(?P<s>(?:[a-z]+ )?(?:cleaning|checkup"
        r"|check up|haircut|massage|consultation|facial|manicure|pedicure|exam|physical|filling|follow up"
        r"|therapy|trim|color|session|vaccination|vaccine|x ray|eye exam|test|whitening))\b",
        text,
    )
    return match["s"].strip() if match else None
