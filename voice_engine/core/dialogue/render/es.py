"""What the engine says in Spanish: at least three variants an act. The AI disclosure opens every opening."""

from collections.abc import Mapping

SPANISH: Mapping[str, tuple[str, ...]] = {
    # Opening.
    "open": (
        "Hola, soy un asistente de inteligencia artificial y llamo de parte de {owner} para {asked}.{recorded} "
        "¿Sería posible?",
        "Buenas, soy un asistente de inteligencia artificial, llamo de parte de {owner} para {asked}.{recorded} "
        "¿Es posible?",
        "Hola, le habla un asistente de inteligencia artificial de parte de {owner}, para {asked}.{recorded} "
        "¿Podría ser?",
    ),
    "open_question": (
        "Hola, soy un asistente de inteligencia artificial y llamo de parte de {owner} para preguntar "
        "{question}.{recorded} ¿Me lo puede decir?",
        "Buenas, soy un asistente de inteligencia artificial, llamo de parte de {owner} para preguntar "
        "{question}.{recorded} ¿Me podría ayudar?",
        "Hola, le habla un asistente de inteligencia artificial de parte de {owner}, para preguntar "
        "{question}.{recorded} ¿Lo sabe usted?",
    ),
    "question_again": (
        "Quisiera saber {question}.",
        "Mi pregunta es {question}.",
        "¿Me puede decir {question}?",
    ),
    "next_question": (
        "Gracias. ¿Y me puede decir {question}?",
        "Muy bien. También quería preguntar {question}.",
        "Gracias. La otra pregunta es {question}.",
    ),
    "extra_question": (
        "Una cosa más: ¿me puede decir {question}?",
        "Antes de colgar, también quería saber {question}.",
        "¿Y me podría decir {question}?",
    ),
    "read_back_answers": (
        "Gracias. Entonces tomo nota: {answers}. ¿Es correcto?",
        "Muchas gracias. He apuntado: {answers}. ¿Está bien?",
        "Gracias. Me apunto lo siguiente: {answers}. ¿Es así?",
    ),
    "thanks_answers": (
        "¡Muchas gracias por su ayuda!",
        "Muy bien, ¡gracias por su ayuda!",
        "Es todo lo que necesitaba, ¡gracias!",
    ),
    "counter_room": (
        "Necesito una habitación {room}. ¿De verdad no queda ninguna?",
        "Tendría que ser una habitación {room}. ¿Podría mirarlo otra vez?",
        "¿No habría ninguna habitación {room}?",
    ),
    "counter_price": (
        "Eso es más de lo que puedo aceptar. ¿Tendría algo más barato?",
        "Se sale del presupuesto. ¿Hay alguna tarifa más baja?",
        "Es demasiado para poder aceptarlo. ¿Habría algo más económico?",
    ),
    "who_and_why": (
        "Soy un asistente de inteligencia artificial y llamo de parte de {owner} para {asked}.",
        "Le habla un asistente de inteligencia artificial, de parte de {owner}, para {asked}.",
        "Soy el asistente de inteligencia artificial de {owner}, llamo para {asked}.",
    ),
    "robot": (
        "Sí, soy un asistente de inteligencia artificial, llamo de parte de {owner}.",
        "Sí, está hablando con una inteligencia artificial. Llamo de parte de {owner}.",
        "Así es, soy una inteligencia artificial, no una persona. Llamo de parte de {owner}.",
    ),
    "request_again": (
        "Quisiera {asked}. ¿Es posible?",
        "Llamo para {asked}. ¿Puede ser?",
        "¿Podría {asked}?",
    ),
    # Negotiating.
    "accept": (
        "Sí, {moment} está bien. ¿Me reserva {what}, por favor?",
        "{moment} nos va bien, gracias. Resérveme {what}, por favor.",
        "Perfecto, {moment}. ¿Puede apuntar {what}, por favor?",
    ),
    "accept_switch": (
        "De acuerdo, entonces {moment}. ¿Me reserva {what}, por favor?",
        "Vale, {moment} también está bien. Entonces {what}, por favor.",
        "{moment} también nos sirve. Apunte {what}, por favor.",
    ),
    "counter": (
        "Entiendo. ¿Tendría algo {window}?",
        "A esa hora no puede ser. ¿Hay algo {window}?",
        "¿Habría algo libre {window}?",
    ),
    "counter_on": (
        "Tendría que ser el {date}. ¿Hay algo {window}?",
        "Solo puede ser el {date}. ¿Habría algo {window}?",
        "Necesito que sea el {date}. ¿Tendría algo {window}?",
    ),
    "counter_again": (
        "¿De verdad no hay nada {window}?",
        "Necesito algo {window}. ¿Hay alguna posibilidad?",
        "¿Podría mirar otra vez si hay algo {window}?",
    ),
    "counter_exact": (
        "Me han pedido que sea {window}. ¿Hay alguna posibilidad?",
        "Tiene que ser {window}. ¿Podría mirarlo otra vez?",
        "Solo puede ser {window}. ¿Habría alguna manera?",
    ),
    "counter_any": (
        "Entiendo. ¿Qué es lo más próximo que tiene?",
        "¿Qué me podría ofrecer?",
        "¿Podría ofrecerme otra cosa?",
    ),
    "next_date": (
        "¿Y el {date}? ¿Sería posible {what}?",
        "¿Y podría ser el {date}? Necesitaría {what}.",
        "¿Podemos probar el {date}? Sería {what}.",
    ),
    "ask_time": ("¿A qué hora sería?", "¿Y a qué hora?", "¿Qué hora tendría?"),
    "ask_time_booked": (
        "Perdone, no he cogido la hora. ¿A qué hora queda reservado?",
        "Gracias. Pero no he entendido la hora. ¿A qué hora es?",
        "Disculpe, ¿qué hora ha apuntado?",
    ),
    "time_unclear": (
        "Lo siento, no consigo entender la hora. {owner} le llamará para confirmarla. Gracias, adiós.",
        "Perdone, no he podido entender la hora. {owner} volverá a llamar por eso. Gracias, adiós.",
        "Disculpe, sigo sin tener la hora. {owner} lo comprobará con ustedes. Gracias, adiós.",
    ),
    "ask_time_on": (
        "¿Qué horas tiene el {date}?",
        "El {date} está bien. ¿A qué hora?",
        "¿Y a qué hora el {date}?",
    ),
    "ask_date": ("¿Qué día sería?", "¿Para qué fecha sería?", "¿Y qué día?"),
    "clarify": (
        "Perdone, ¿ha dicho {options}?",
        "Para estar seguro, ¿era {options}?",
        "Disculpe, ¿{options}?",
    ),
    "give_up": (
        "Entiendo, gracias. Se lo diré a {owner}. Adiós.",
        "De acuerdo, gracias por mirarlo. Informaré a {owner}. Adiós.",
        "Gracias de todos modos. Se lo comunico a {owner}. Adiós.",
    ),
    "give_up_offers": (
        "Eso no lo puedo decidir yo; le diré a {owner} que tienen {options}. Muchas gracias, adiós.",
        "Gracias. Le diré a {owner} que podría ser {options}. Adiós.",
        "Gracias por mirarlo. Le paso a {owner} que ofrecen {options}. Adiós.",
    ),
    # Details.
    "give_name": ("El nombre es {name}.", "A nombre de {name}.", "Póngalo a nombre de {name}, por favor."),
    "give_phone": ("El teléfono es {phone}.", "El número de teléfono es {phone}.", "Su teléfono es {phone}."),
    "give_party_size": ("Para {party_size}.", "Somos {party_size}.", "Serán {party_size}."),
    "give_date": ("Para el {date}.", "La fecha es el {date}.", "Sería el {date}."),
    "give_time": ("A {time}, por favor.", "La hora sería a {time}.", "Sería a {time}."),
    "give_window": ("Cualquier hora {window}.", "Algo {window} estaría bien.", "Tendría que ser {window}."),
    "give_nights": ("Por {nights}.", "Serían {nights}.", "{nights}, por favor."),
    "give_check_out": (
        "La salida es el {check_out}.",
        "Hasta el {check_out}.",
        "Con salida el {check_out}.",
    ),
    "give_room": ("Una habitación {room}.", "Sería una habitación {room}.", "Habitación {room}, por favor."),
    "give_service": ("Es para {service}.", "La cita es para {service}.", "Se trata de {service}."),
    "give_doctor": ("Con {doctor}, por favor.", "Sería con {doctor}.", "Preferimos a {doctor}."),
    "give_seating": ("{seating}, por favor.", "Preferimos {seating}.", "Mejor {seating}."),
    "give_birth_date": (
        "La fecha de nacimiento es {birth_date}.",
        "Nació el {birth_date}.",
        "Es {birth_date}.",
    ),
    "give_insurance": ("El seguro es {insurance}.", "Es {insurance}.", "Tiene {insurance}."),
    "give_email": ("El correo es {email}.", "Es {email}.", "El correo electrónico es {email}."),
    "give_note": ("Un momento: {note}", "Lo que me han dicho es esto: {note}", "Tengo una nota sobre eso: {note}"),
    "no_preference": ("Cualquiera está bien.", "No hay preferencia.", "Lo que tenga está bien."),
    "spell_name": (
        "Le deletreo el nombre: {spelled}.",
        "Se escribe {spelled}.",
        "Letra por letra: {spelled}.",
    ),
    "spell_phone": (
        "Cifra por cifra: {spelled}.",
        "Despacio, el número es {spelled}.",
        "Uno por uno: {spelled}.",
    ),
    "wait_list": (
        "Sí, por favor, apunte a {name} en la lista.",
        "Sí, sería muy amable. A nombre de {name}.",
        "Sí, por favor, a nombre de {name}.",
    ),
    "unknown_slot": (
        "No tengo ese dato, lo siento. ¿Puede ser sin él?",
        "Lo siento, no tengo esa información. ¿Podemos seguir sin ella?",
        "Ese dato no me lo han dado. ¿Puede ser sin él?",
    ),
    "unknown_payment": (
        "No tengo ese dato. ¿Se puede reservar sin él?",
        "Por teléfono no puedo darlo. ¿Podría guardarla sin eso?",
        "No tengo datos de pago. ¿Se puede dejar reservado sin ellos?",
    ),
    "this_location": (
        "En el local al que llamo, por favor.",
        "Sería ahí, en el de este número.",
        "Ahí mismo, por favor.",
    ),
    "unknown": (
        "No tengo esa información, lo siento.",
        "Eso no lo sé, lo siento.",
        "Lo siento, eso no me lo han dicho.",
    ),
    # Confirming.
    "that_is_right": ("Sí, correcto.", "Sí, exacto.", "Eso es, sí."),
    "correct": ("No exactamente: es {what}.", "Perdone, no. Sería {what}.", "Casi. Necesito {what}, por favor."),
    "read_back": (
        "Muy bien. Entonces es {what}. ¿Es correcto?",
        "Perfecto. Le repito: {what}. ¿Está bien?",
        "Estupendo. Para confirmar, {what}. ¿Correcto?",
    ),
    "booked": (
        "Muy bien, entonces {what}.{confirmation} ¡Muchas gracias!",
        "Perfecto. Tengo {what}.{confirmation} ¡Gracias por su ayuda!",
        "Estupendo, {what}.{confirmation} ¡Muchas gracias!",
    ),
    "thanks_booked": (
        "Muy bien, ¡muchas gracias!",
        "Perfecto, ¡gracias por su ayuda!",
        "Estupendo, ¡muchas gracias!",
    ),
    "what_to_correct": (
        "Perdone. ¿Qué tengo que corregir?",
        "Ah, disculpe. ¿Cómo es entonces?",
        "Perdón, ¿qué parte no está bien?",
    ),
    "is_it_booked": (
        "Antes de colgar, ¿queda reservado?",
        "Un momento, por favor: ¿está reservado?",
        "Para estar seguro, ¿la reserva está hecha?",
    ),
    # Asides.
    "sure_hold": ("Claro, espero.", "Por supuesto, espero.", "Sí, sin prisa."),
    "still_holding": ("Sigo aquí, sin prisa.", "Hola, sigo en la línea.", "Sigo esperando, no hay prisa."),
    "back_from_hold": ("Gracias, sigo aquí.", "Sí, aquí estoy.", "Gracias, sigo en la línea."),
    "no_transfer": (
        "En esta línea solo estoy yo, pero {owner} puede devolverle la llamada.",
        "No puedo pasarle con nadie, lo siento. {owner} podría llamarle.",
        "No hay nadie más aquí, pero puedo pedirle a {owner} que le llame.",
    ),
    "recording_stopped": (
        "Por supuesto. La grabación se ha detenido y borrado.",
        "Sin problema, he parado la grabación y la he borrado.",
        "Entendido. Ya no se graba, y lo grabado está borrado.",
    ),
    "opted_out": (
        "Perdone las molestias. No volveremos a llamar a este número. Adiós.",
        "Le pido disculpas. He anotado que no quiere más llamadas. Adiós.",
        "Siento haberle molestado. No le llamaremos más. Adiós.",
    ),
    "wrong_number": (
        "Perdone, me he equivocado de número. Adiós.",
        "Ay, disculpe, número equivocado. Adiós.",
        "Siento la molestia, es el número equivocado. Adiós.",
    ),
    "refused": (
        "Entiendo. Se lo diré a {owner}. Gracias, adiós.",
        "De acuerdo, se lo comunico a {owner}. Gracias, adiós.",
        "Gracias por decírmelo. Informaré a {owner}. Adiós.",
    ),
    "callback": (
        "De acuerdo, {owner} volverá a llamar entonces. Gracias, adiós.",
        "Entendido, le digo a {owner} que vuelva a llamar. Gracias, adiós.",
        "Muy bien, {owner} llamará entonces. Gracias, adiós.",
    ),
    "voicemail": (
        "Hola, soy un asistente de inteligencia artificial, llamo de parte de {owner} para {asked}.{call_back} "
        "Gracias, adiós.",
        "Buenas, le habla un asistente de inteligencia artificial de parte de {owner}, para {asked}.{call_back} "
        "Gracias, adiós.",
        "Hola, este es un mensaje de un asistente de inteligencia artificial, de parte de {owner}, para "
        "{asked}.{call_back} Gracias, adiós.",
    ),
    # Trouble.
    "not_understood": (
        "Perdone, no le he entendido.",
        "Disculpe, no le he oído bien.",
        "Perdón, no lo he entendido.",
    ),
    "cannot_hear": (
        "Lo siento, no consigo entenderle. {owner} le volverá a llamar. Adiós.",
        "La línea no es lo bastante buena. {owner} se pondrá en contacto. Adiós.",
        "Lo siento, no le entiendo bien. {owner} le llamará en otro momento. Adiós.",
    ),
    "are_you_there": ("¿Hola? ¿Está ahí?", "¿Oiga? ¿Me oye?", "¿Sigue ahí?"),
    "silence_end": (
        "No oigo a nadie, así que voy a colgar. Adiós.",
        "Parece que no hay nadie en la línea. Llamaré en otro momento. Adiós.",
        "No le oigo, así que termino la llamada. Adiós.",
    ),
    "time_limit": (
        "Lo siento, tengo que terminar la llamada. Muchas gracias, adiós.",
        "Se me ha acabado el tiempo. Gracias por su paciencia, adiós.",
        "Perdone, tengo que colgar ya. Gracias por su ayuda, adiós.",
    ),
    "goodbye": ("¡Adiós!", "¡Hasta luego, que tenga un buen día!", "¡Gracias, adiós!"),
    "go_on": ("¿Sí?", "Le escucho.", "Dígame."),
    # What the owner writes, and after a human led the call.
    "whisper_ask": (
        "¿Me podría decir también {question}?",
        "Y quisiera preguntarle {question}.",
        "También me gustaría saber {question}.",
    ),
    "whisper_request": (
        "¿Sería posible también {thing}?",
        "Quisiera pedirle además {thing}, por favor.",
        "¿Podría ser además {thing}, por favor?",
    ),
    "whisper_tell": (
        "{sender} me pide que le diga lo siguiente: {text}.",
        "{sender} quiere que sepa lo siguiente: {text}.",
        "Le paso un recado de {sender}: {text}.",
    ),
    "whisper_note": (
        "Tengo una nota de {sender}: {text}.",
        "Aquí tengo una nota de {sender}: {text}.",
        "{sender} me acaba de enviar una nota: {text}.",
    ),
    "whisper_thanks": (
        "Gracias.",
        "Es bueno saberlo, gracias.",
        "Gracias, tomo nota.",
    ),
    "handed_back": (
        "Disculpe la interrupción, vuelve a hablar con el asistente.",
        "Perdone, ya está de nuevo con el asistente.",
        "Gracias por su paciencia, vuelve a hablar con el asistente.",
    ),
}
