"""What the engine says in English: at least three variants an act. The AI disclosure opens every opening."""

from collections.abc import Mapping

ENGLISH: Mapping[str, tuple[str, ...]] = {
    # Opening.
    "open": (
        "Hi, I'm an AI assistant calling for {owner} to {asked}.{recorded} Would that be possible?",
        "Hello, I'm an AI assistant calling for {owner} to {asked}.{recorded} Is that possible?",
        "Hi there, I'm an AI assistant, and I'm calling for {owner} to {asked}.{recorded} Could you do that?",
    ),
    "open_question": (
        "Hi, I'm an AI assistant calling for {owner} to ask {question}.{recorded} Could you tell me?",
        "Hello, I'm an AI assistant, calling for {owner} to ask {question}.{recorded} Can you help me with that?",
        "Hi there, I'm an AI assistant calling for {owner}, to ask {question}.{recorded} Would you know?",
    ),
    "question_again": (
        "I'd like to know {question}.",
        "My question is {question}.",
        "Could you tell me {question}?",
    ),
    "next_question": (
        "Thank you. And could you tell me {question}?",
        "Good to know. I'd also like to ask {question}.",
        "Thanks. The other question is {question}.",
    ),
    "extra_question": (
        "One more thing: could you tell me {question}?",
        "Before you go, I was also asked to find out {question}.",
        "And may I ask {question}?",
    ),
    "read_back_answers": (
        "Thank you. So I'll pass on: {answers}. Is that right?",
        "Thanks. I've noted: {answers}. Is that correct?",
        "Thank you very much. I have down: {answers}. Did I get that right?",
    ),
    "thanks_answers": (
        "Thank you very much for your help!",
        "Great, thanks for your help!",
        "That's all I needed, thank you!",
    ),
    "counter_room": (
        "I need a {room} room, I'm afraid. Is there really none left?",
        "It should be a {room} room. Could you check once more?",
        "Would there be any {room} room at all?",
    ),
    "counter_price": (
        "That's more than I can agree to. Do you have anything cheaper?",
        "I'm afraid that's over the budget. Is there a lower rate?",
        "That's too much for me to accept. Would there be a cheaper rate?",
    ),
    "who_and_why": (
        "I'm an AI assistant calling for {owner} to {asked}.",
        "This is an AI assistant. I'm calling for {owner} to {asked}.",
        "I'm {owner}'s AI assistant, calling to {asked}.",
    ),
    "robot": (
        "Yes, I'm an AI assistant, calling for {owner}.",
        "Yes, you're talking to an AI assistant. I'm calling for {owner}.",
        "That's right, I'm an AI, not a person. I'm calling for {owner}.",
    ),
    "request_again": (
        "I'd like to {asked}. Is that possible?",
        "I'm calling to {asked}. Can you do that?",
        "Could I {asked}?",
    ),
    # Negotiating.
    "accept": (
        "Yes, {moment} works. Could you book {what}, please?",
        "{moment} is fine, thank you. Could I have {what}, please?",
        "{moment} works for us. Please book {what}.",
    ),
    "accept_switch": (
        "All right, {moment} then. Could you book {what}, please?",
        "Okay, {moment} is fine too. So that's {what}, please.",
        "{moment} works as well. Please make it {what}.",
    ),
    "counter": (
        "I see. Do you have anything {window}?",
        "That won't work, I'm afraid. Is anything free {window}?",
        "Would there be anything {window}?",
    ),
    "counter_on": (
        "It would have to be on {date}. Is anything free {window}?",
        "I can only take {date}. Would there be anything {window}?",
        "I need {date}, I'm afraid. Do you have anything {window}?",
    ),
    "counter_again": (
        "Is there really nothing {window}? Even something a little different in that time would help.",
        "I need something {window}. Is there any chance of that?",
        "Could you check once more for something {window}?",
    ),
    "counter_exact": (
        "I was asked to book {window} only. Is there any chance of that?",
        "It has to be {window}, I'm afraid. Could you check again?",
        "I can only take it {window}. Is there any way to do that?",
    ),
    "counter_any": (
        "I see. What would be the nearest you have?",
        "What could you offer instead?",
        "Is there something else you could offer?",
    ),
    "next_date": (
        "Then how about {date}? Would {what} be possible?",
        "And {date}? Could I book {what}?",
        "Could we try {date} instead? I'd need {what}.",
    ),
    "ask_time": (
        "At what time would that be?",
        "What time would that be?",
        "And which time do you have?",
    ),
    "ask_time_booked": (
        "Sorry, I didn't catch the time. For what time is it booked?",
        "Thank you. I missed the time, though. What time is it for?",
        "I'm sorry, which time did you put down?",
    ),
    "time_unclear": (
        "I'm sorry, I can't make out the time. {owner} will call you to check. Thank you, goodbye.",
        "I'm afraid I didn't get the time. {owner} will call back about it. Thank you, goodbye.",
        "Sorry, I still don't have the time. {owner} will check with you. Thank you, goodbye.",
    ),
    "ask_time_on": (
        "What times do you have on {date}?",
        "{date} is fine. At what time?",
        "And at what time on {date}?",
    ),
    "ask_date": (
        "Which day would that be?",
        "On which date would that be?",
        "And what day is that?",
    ),
    "clarify": (
        "Sorry, was that {options}?",
        "Just to be sure, did you say {options}?",
        "Let me check, was that {options}?",
    ),
    "give_up": (
        "I understand, thank you. I'll pass that on to {owner}. Goodbye.",
        "All right, thanks for checking. I'll let {owner} know. Goodbye.",
        "Thank you for looking. I'll tell {owner}. Goodbye.",
    ),
    "give_up_offers": (
        "I can't decide that myself, so I'll tell {owner} that you have {options}. Thank you, goodbye.",
        "Thank you. I'll let {owner} know that {options} would be possible. Goodbye.",
        "Thanks for checking. I'll pass on to {owner} that you offered {options}. Goodbye.",
    ),
    # Details.
    "give_name": ("The name is {name}.", "It's under {name}.", "Please put it under {name}."),
    "give_phone": (
        "The phone number is {phone}.",
        "You can reach them at {phone}.",
        "The number is {phone}.",
    ),
    "give_party_size": (
        "It's for {party_size}.",
        "There will be {party_size} people.",
        "For {party_size}, please.",
    ),
    "give_date": ("It's for {date}.", "The date is {date}.", "On {date}, please."),
    "give_time": ("At {time}, please.", "The time would be {time}.", "For {time}, please."),
    "give_window": ("Any time {window}, please.", "Some time {window} would be good.", "It should be {window}."),
    "give_nights": ("For {nights}.", "It's {nights}.", "{nights}, please."),
    "give_check_out": ("Checking out on {check_out}.", "Until {check_out}.", "The check-out is on {check_out}."),
    "give_room": ("A {room} room, please.", "It should be a {room} room.", "We'd like a {room} room."),
    "give_service": ("It's for {service}.", "It's about {service}.", "The appointment is for {service}."),
    "give_doctor": ("With {doctor}, please.", "It should be with {doctor}.", "We'd like to see {doctor}."),
    "give_seating": ("{seating}, please.", "We'd prefer {seating}.", "It should be {seating}."),
    "give_birth_date": ("The date of birth is {birth_date}.", "It's {birth_date}.", "Born on {birth_date}."),
    "give_insurance": ("The insurance is {insurance}.", "It's {insurance}.", "They're with {insurance}."),
    "give_email": ("The email is {email}.", "It's {email}.", "You can write to {email}."),
    "give_note": ("Let me see: {note}", "What I was told is this: {note}", "I have a note on that: {note}"),
    "no_preference": ("Either is fine.", "There's no preference.", "Whatever you have is fine."),
    "spell_name": (
        "I'll spell the name: {spelled}.",
        "That's spelled {spelled}.",
        "Letter by letter, it's {spelled}.",
    ),
    "spell_phone": (
        "Digit by digit: {spelled}.",
        "Slowly, the number is {spelled}.",
        "One by one: {spelled}.",
    ),
    "wait_list": (
        "Yes, please put {name} on the list.",
        "That would be kind, yes. It's for {name}.",
        "Yes, please, under {name}.",
    ),
    "unknown_slot": (
        "I don't have that, I'm sorry. Can we do it without?",
        "I'm sorry, I don't have that information. Is it all right without it?",
        "I wasn't given that. Can we go on without it?",
    ),
    "unknown_payment": (
        "I don't have that. Can it be held without?",
        "I can't give that on the phone. Could you hold it without?",
        "I don't have any payment details. Can it be held without?",
    ),
    "this_location": (
        "The location I'm calling now, please.",
        "It's for your location, the one I called.",
        "Right there, please, at this number.",
    ),
    "unknown": (
        "I don't have that information, I'm sorry.",
        "I don't know that, I'm afraid.",
        "I'm sorry, I wasn't told.",
    ),
    # Confirming.
    "that_is_right": ("Yes, that's right.", "Yes, exactly.", "That's correct, yes."),
    "correct": (
        "Not quite: it's {what}.",
        "Sorry, no. It should be {what}.",
        "Almost. I need {what}, please.",
    ),
    "read_back": (
        "Great. So that's {what}. Is that right?",
        "Perfect. Let me read that back: {what}. Is that correct?",
        "Very good. To confirm, {what}. Is that right?",
    ),
    "booked": (
        "Great, so that's {what}.{confirmation} Thank you very much!",
        "Perfect. I have {what}.{confirmation} Thank you for your help!",
        "Wonderful, that's {what}.{confirmation} Thanks a lot!",
    ),
    "thanks_booked": (
        "Great, thank you very much!",
        "Perfect, thank you for your help!",
        "Wonderful, thanks a lot!",
    ),
    "what_to_correct": (
        "Sorry about that. What should I correct?",
        "Oh, sorry. What is it then?",
        "Sorry, which part is wrong?",
    ),
    "is_it_booked": (
        "Before you go, is that booked then?",
        "One moment, please: is it booked?",
        "Just to be sure, is the booking made?",
    ),
    # Asides.
    "sure_hold": ("Sure, take your time.", "Of course, I'll hold.", "Sure, I'll wait."),
    "still_holding": (
        "I'm still here, no hurry.",
        "Hello, I'm still on the line.",
        "I'm still here, take your time.",
    ),
    "back_from_hold": ("Thanks, I'm still here.", "Yes, I'm here.", "Thank you, I'm still on the line."),
    "no_transfer": (
        "I'm the only one on this line, but {owner} can call you back if you like.",
        "I can't put you through, I'm sorry. {owner} could call you back.",
        "There's no one here to put on, but I can ask {owner} to call you.",
    ),
    "recording_stopped": (
        "Of course. The recording has been stopped and deleted.",
        "No problem, I've stopped the recording and deleted it.",
        "Understood. Recording is off, and what was kept is deleted.",
    ),
    "opted_out": (
        "I'm sorry for the trouble. We won't call this number again. Goodbye.",
        "My apologies. I've noted that you don't want calls from us. Goodbye.",
        "I'm sorry to have bothered you. We won't call you again. Goodbye.",
    ),
    "wrong_number": (
        "I'm sorry, I must have the wrong number. Goodbye.",
        "Oh, my apologies, wrong number. Goodbye.",
        "Sorry to have bothered you, that's the wrong number then. Goodbye.",
    ),
    "refused": (
        "I understand. I'll let {owner} know. Thank you, goodbye.",
        "All right, I'll pass that on to {owner}. Thanks, goodbye.",
        "Thanks for telling me. I'll tell {owner}. Goodbye.",
    ),
    "callback": (
        "All right, {owner} will try again then. Thank you, goodbye.",
        "Understood, {owner} will call again then. Thank you, goodbye.",
        "Okay, I'll tell {owner} to call back then. Thanks, goodbye.",
    ),
    "voicemail": (
        "Hello, this is an AI assistant calling for {owner}, to {asked}.{call_back} Thank you, goodbye.",
        "Hi, I'm an AI assistant and I'm calling for {owner}, to {asked}.{call_back} Thanks, goodbye.",
        "Hello, I'm an AI assistant calling for {owner}. It's to {asked}.{call_back} Thank you, goodbye.",
    ),
    # Trouble.
    "not_understood": (
        "Sorry, I didn't catch that.",
        "I'm sorry, I didn't understand.",
        "Pardon, I didn't get that.",
    ),
    "cannot_hear": (
        "I'm sorry, I'm having trouble understanding. {owner} will call you back. Goodbye.",
        "I'm afraid the line isn't good enough for me. {owner} will get back to you. Goodbye.",
        "I'm sorry, I can't make it out. {owner} will call you another time. Goodbye.",
    ),
    "are_you_there": ("Hello, are you there?", "Hello? Can you hear me?", "Are you still there?"),
    "silence_end": (
        "I can't hear anyone, so I'll hang up now. Goodbye.",
        "There seems to be nobody on the line. I'll try another time. Goodbye.",
        "I don't hear you, so I'll end the call here. Goodbye.",
    ),
    "time_limit": (
        "I'm sorry, I have to end the call here. Thank you, goodbye.",
        "I'm afraid I've run out of time. Thank you for your patience, goodbye.",
        "Sorry, I have to go now. Thanks for your help, goodbye.",
    ),
    "goodbye": ("Goodbye!", "Bye, have a nice day!", "Thank you, goodbye!"),
    "go_on": ("Yes?", "I'm listening.", "Go ahead, please."),
    # What the owner writes, and after a human led the call.
    "whisper_ask": (
        "Could you also tell me {question}?",
        "And may I ask {question}?",
        "I'd also like to know {question}.",
    ),
    "whisper_request": (
        "Could I also have {thing}, please?",
        "I'd also like {thing}, if that's possible.",
        "Would it be possible to have {thing} as well?",
    ),
    "whisper_tell": (
        "{sender} asks me to tell you this: {text}.",
        "{sender} would like you to know this: {text}.",
        "Let me pass this on from {sender}: {text}.",
    ),
    "whisper_note": (
        "I have a note from {sender}: {text}.",
        "Here is a note from {sender}: {text}.",
        "{sender} has just sent me a note: {text}.",
    ),
    "whisper_thanks": (
        "Thank you.",
        "Good to know, thank you.",
        "Thanks, I've noted that.",
    ),
    "handed_back": (
        "I'm sorry for the interruption, you are back with the assistant.",
        "Sorry about that, you are back with the assistant now.",
        "Thank you for your patience, you are back with the assistant.",
    ),
}
