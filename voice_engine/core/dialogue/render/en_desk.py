"""What the receptionist says in English: at least three variants an act."""

from collections.abc import Mapping

ENGLISH_DESK: Mapping[str, tuple[str, ...]] = {
    "greet": (
        "Hello, this is {business}. You're talking to an AI assistant.{recorded} How can I help you?",
        "Thanks for calling {business}. I'm the AI assistant here.{recorded} What can I do for you?",
        "Hi, you've reached {business}, I'm an AI assistant.{recorded} How may I help?",
    ),
    "greet_own": ("{greeting}{recorded}", "{greeting} {recorded}", "{greeting}  {recorded}"),
    "greet_generated": ("{greeting}{recorded}", "{greeting} {recorded}", "{greeting}  {recorded}"),
    "hello": ("Hello?", "Hello? ", "Hello?  "),
    "greet_short": (
        "Hello, this is {business}'s AI assistant.{recorded}",
        "Hi, you've reached the AI assistant of {business}.{recorded}",
        "Hello, I'm the AI assistant of {business}.{recorded}",
    ),
    "robot_inbound": (
        "Yes, I'm the AI assistant of {business}.",
        "Yes, you're talking to an AI. I answer the phone for {business}.",
        "That's right, I'm an AI, not a person. I answer for {business}.",
    ),
    "who_inbound": (
        "This is the AI assistant of {business}.",
        "You've reached {business}, I'm the AI assistant.",
        "You're speaking with {business}'s AI assistant.",
    ),
    "how_can_i_help": ("How can I help you?", "What can I do for you?", "How may I help?"),
    "anything_else": (
        "Is there anything else I can do for you?",
        "Can I help you with anything else?",
        "Anything else?",
    ),
    "farewell_inbound": (
        "Thank you for calling. Goodbye!",
        "Thanks for your call, have a nice day. Goodbye!",
        "You're welcome. Goodbye!",
    ),
    "filler": ("One moment, please.", "Let me check.", "Just a second, I'm looking."),
    # Facts.
    "hours": ("We're open {hours}.", "Our hours are {hours}.", "You can visit us {hours}."),
    "hours_on": (
        "On {date} we're open from {opens} to {closes}.",
        "We're open from {opens} to {closes} on {date}.",
        "{date}: from {opens} to {closes}.",
    ),
    "closed_on": ("We're closed on {date}.", "On {date} we're closed, I'm sorry.", "We don't open on {date}."),
    "location": ("We're at {address}.", "The address is {address}.", "You'll find us at {address}."),
    "services": ("We offer {services}.", "You can come to us for {services}.", "Our services are {services}."),
    "passage": ("{passage}", "Sure. {passage}", "Yes, I can tell you that. {passage}"),
    "unknown_fact": (
        "I don't know that, I'm sorry. Would you like to leave a message, so that someone calls you back?",
        "I don't have that information. Shall I take a message for the team?",
        "That I can't tell you, I'm afraid. May I take a message?",
    ),
    # Booking.
    "ask_service": (
        "What is it for? We offer {services}.",
        "Which service would you like: {services}?",
        "We have {services}. Which would you like?",
    ),
    "ask_when": (
        "What day and time would you like?",
        "When would you like to come?",
        "Which day and time would suit you?",
    ),
    "ask_day": ("On which day?", "What day would that be?", "And which day would you like?"),
    "date_is_past": (
        "{date} has already passed. Which day would you like?",
        "That would be {date}, which is over. What day do you mean?",
        "{date} is in the past. Which day did you have in mind?",
    ),
    "offer_slots": (
        "I have {options}. Which would you like?",
        "{options} would be free. What suits you?",
        "There's {options}. Which one shall I take?",
    ),
    "offer_instead": (
        "{time} is taken, I'm sorry. I could offer {options}.",
        "I don't have {time}, but I have {options}.",
        "At {time} there's nothing free. Would {options} work?",
    ),
    "full_on": ("{date} is fully booked.", "I have nothing free on {date}.", "There's nothing left on {date}."),
    "nothing_free": (
        "I'm sorry, there's nothing free in the next two weeks. Shall I take a message?",
        "I can't find anything free in the coming two weeks. Would you like to leave a message?",
        "Everything is taken for two weeks, I'm afraid. May I take a message?",
    ),
    "slot_taken": (
        "I'm sorry, that time has just been taken.",
        "Oh, someone was faster: that time is gone.",
        "That time isn't free any more, I'm sorry.",
    ),
    "ask_name": ("What name is it under?", "May I have your name, please?", "Could you tell me your name?"),
    "ask_phone": (
        "And your phone number, please?",
        "Which number can we reach you at?",
        "What's your phone number?",
    ),
    "ask_phone_groups": (
        "I didn't get the whole number. Could you give it to me again, a few digits at a time?",
        "Sorry, part of the number was lost. Could you say it slowly, digit by digit?",
        "I missed some of the number. Would you say it once more, in small groups?",
    ),
    "phone_go_on": ("Yes, go on.", "Got that, and then?", "Okay, and the rest?"),
    "check_booking_only": (
        "So that's {what}. Is that right?",
        "Let me read that back: {what}. Is that correct?",
        "I have {what}. Shall I book it?",
    ),
    "check_booking": (
        "So that's {what}, and your number is {phone}. Is that right?",
        "Let me read that back: {what}, phone number {phone}. Is that correct?",
        "I have {what}, and {phone} as your number. Shall I book it?",
    ),
    "check_move": (
        "So I move it from {moment} to {new}. Is that right?",
        "From {moment} to {new}, correct?",
        "Shall I move your booking from {moment} to {new}?",
    ),
    "booked_inbound": (
        "That's booked: {what}. Your reference is {code}.",
        "Done. You have {what}. The reference number is {code}.",
        "All set, {what}. Your reference number is {code}.",
    ),
    "moved": (
        "Done, it's moved to {moment}. Your new reference is {code}.",
        "I've moved it to {moment}. The new reference number is {code}.",
        "That's changed: {moment}. Your reference is now {code}.",
    ),
    "old_not_cancelled": (
        "I couldn't remove the old booking, so someone will see to that.",
        "The old booking is still there; the team will take it out.",
        "I'll leave a note to take out the old booking.",
    ),
    "found_booking": (
        "I see your booking {moment}. When would you like to come instead?",
        "You're booked for {moment}. What day and time would you prefer?",
        "I have you down for {moment}. To when shall I move it?",
    ),
    "which_booking": (
        "I see more than one booking. Do you mean {moment}?",
        "There are several. Is it the one on {moment}?",
        "Is it about {moment}?",
    ),
    "check_cancel": (
        "Shall I cancel your booking for {moment}?",
        "You're booked for {moment}. Do you want me to cancel that?",
        "That's {moment}. Shall I cancel it?",
    ),
    "cancelled": (
        "Your booking for {moment} is cancelled.",
        "Done, {moment} is cancelled.",
        "I've cancelled {moment}.",
    ),
    "kept_booking": (
        "All right, I'll leave it as it is. Anything else?",
        "Fine, nothing is changed. Can I do anything else?",
        "Okay, it stays. Is there anything else?",
    ),
    "no_booking_found": (
        "I can't find a booking under that name and number. Shall I take a message?",
        "I don't see a booking for you, I'm sorry. Would you like to leave a message?",
        "There's no booking with that name and number. May I take a message?",
    ),
    "calendar_failed": (
        "I'm sorry, I can't reach the calendar right now, so nothing is booked. Shall I take a message?",
        "The calendar doesn't answer, I'm afraid. Nothing has been changed. May I take a message instead?",
        "That didn't go through, I'm sorry. Would you like to leave a message, so that someone calls you?",
    ),
    # Message and transfer.
    "offer_message": (
        "Would you like to leave a message?",
        "Shall I take a message?",
        "May I take a message?",
    ),
    "ask_message": (
        "Of course. What's the message?",
        "Sure, what shall I pass on?",
        "I'll gladly take a message. What should I write?",
    ),
    "check_message": (
        "I have this: {text}. From {name_or_unknown}{phone_or_none}. Is that right?",
        "So the message is: {text}. From {name_or_unknown}{phone_or_none}. Correct?",
        "Let me read it back: {text}. It's from {name_or_unknown}{phone_or_none}. Is that right?",
    ),
    "message_noted": ("I'll pass it on.", "Thank you, I'll see that they get it.", "Noted, I'll pass that on."),
    "transferring": (
        "I'll put you through to {target} now.",
        "One moment, I'm connecting you with {target}.",
        "Sure, I'm transferring you to {target}.",
    ),
    "nobody_to_transfer": (
        "I can't put you through right now. Would you like to leave a message?",
        "There's nobody I can connect you with at the moment. Shall I take a message?",
        "I'm sorry, I can't transfer you. May I take a message?",
    ),
    "still_connecting": (
        "I'm still connecting you, one moment please.",
        "Still ringing, please stay on the line.",
        "One moment please, I'm still trying to reach them.",
    ),
    "transfer_unanswered": (
        "I'm sorry, nobody answered. Can I take a message?",
        "Nobody is answering there, I'm afraid. Shall I take a message?",
        "I couldn't reach anyone, I'm sorry. May I take a message?",
    ),
    "transfer_busy": (
        "I'm sorry, the line there is busy. Can I take a message?",
        "They're on another call, I'm afraid. Shall I take a message?",
        "The line is busy right now, I'm sorry. May I take a message?",
    ),
    # Ends.
    "wrong_number_inbound": (
        "No problem. This is {business}. Goodbye!",
        "That's all right, you've reached {business}. Goodbye!",
        "No worries, this is {business}. Bye!",
    ),
    "spam": (
        "Thank you, but we're not interested. Goodbye.",
        "No, thank you. Please don't call again about this. Goodbye.",
        "We don't take sales calls. Goodbye.",
    ),
    "cannot_hear_inbound": (
        "I'm sorry, I can't understand you. Please call again, or try another phone. Goodbye.",
        "The line is too poor, I'm afraid. Please call us again. Goodbye.",
        "I'm sorry, I can't make it out. Please try again later. Goodbye.",
    ),
}
