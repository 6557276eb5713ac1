"""What the receptionist says in Spanish: at least three variants an act."""

from collections.abc import Mapping

SPANISH_DESK: Mapping[str, tuple[str, ...]] = {
    "greet": (
        "Hola, ha llamado a {business}. Le atiende un asistente de inteligencia artificial.{recorded} "
        "¿En qué puedo ayudarle?",
        "Gracias por llamar a {business}. Soy el asistente de inteligencia artificial.{recorded} ¿Qué desea?",
        "Buenas, {business}, soy un asistente de inteligencia artificial.{recorded} ¿En qué le ayudo?",
    ),
    "greet_own": ("{greeting}{recorded}", "{greeting} {recorded}", "{greeting}  {recorded}"),
    "greet_generated": ("{greeting}{recorded}", "{greeting} {recorded}", "{greeting}  {recorded}"),
    "hello": ("¿Hola?", "¿Hola? ", "¿Hola?  "),
    "greet_short": (
        "Hola, soy el asistente de inteligencia artificial de {business}.{recorded}",
        "Buenas, le atiende el asistente de inteligencia artificial de {business}.{recorded}",
        "Hola, habla con el asistente de inteligencia artificial de {business}.{recorded}",
    ),
    "robot_inbound": (
        "Sí, soy el asistente de inteligencia artificial de {business}.",
        "Sí, habla con una inteligencia artificial. Atiendo el teléfono de {business}.",
        "Así es, soy una inteligencia artificial, no una persona. Atiendo para {business}.",
    ),
    "who_inbound": (
        "Soy el asistente de inteligencia artificial de {business}.",
        "Ha llamado a {business}, soy el asistente de inteligencia artificial.",
        "Está hablando con el asistente de inteligencia artificial de {business}.",
    ),
    "how_can_i_help": ("¿En qué puedo ayudarle?", "¿Qué desea?", "¿En qué le ayudo?"),
    "anything_else": ("¿Puedo ayudarle en algo más?", "¿Desea algo más?", "¿Algo más?"),
    "farewell_inbound": (
        "Gracias por llamar. ¡Adiós!",
        "Gracias por su llamada, que tenga un buen día. ¡Adiós!",
        "De nada. ¡Hasta luego, adiós!",
    ),
    "filler": ("Un momento, por favor.", "Déjeme mirar.", "Un segundo, lo miro."),
    # Facts.
    "hours": ("Abrimos {hours}.", "Nuestro horario es {hours}.", "Estamos abiertos {hours}."),
    "hours_on": (
        "El {date} abrimos de {opens} a {closes}.",
        "Abrimos de {opens} a {closes} el {date}.",
        "El {date}, de {opens} a {closes}.",
    ),
    "closed_on": (
        "El {date} está cerrado.",
        "Lo siento, el {date} cerramos.",
        "El {date} no abrimos.",
    ),
    "location": ("Estamos en {address}.", "La dirección es {address}.", "Nos encontrará en {address}."),
    "services": ("Ofrecemos {services}.", "Puede venir para {services}.", "Nuestros servicios son {services}."),
    "passage": ("{passage}", "Claro. {passage}", "Sí, se lo digo. {passage}"),
    "unknown_fact": (
        "Eso no lo sé, lo siento. ¿Quiere dejar un mensaje para que le llamen?",
        "No tengo esa información. ¿Tomo nota de un mensaje para el equipo?",
        "Eso no se lo puedo decir. ¿Quiere dejar un mensaje?",
    ),
    # Booking.
    "ask_service": (
        "¿Para qué sería? Ofrecemos {services}.",
        "¿Qué servicio desea: {services}?",
        "Tenemos {services}. ¿Cuál prefiere?",
    ),
    "ask_when": ("¿Qué día y a qué hora le vendría bien?", "¿Cuándo quiere venir?", "¿Para qué día y hora?"),
    "ask_day": ("¿Qué día?", "¿Qué día sería?", "¿Y para qué día?"),
    "date_is_past": (
        "El {date} ya ha pasado. ¿Qué día quiere?",
        "Eso sería el {date}, que ya pasó. ¿Qué día dice?",
        "El {date} es pasado. ¿Qué día tenía en mente?",
    ),
    "offer_slots": (
        "Tengo {options}. ¿Cuál prefiere?",
        "Estaría libre {options}. ¿Qué le viene bien?",
        "Hay sitio {options}. ¿Cuál le apunto?",
    ),
    "offer_instead": (
        "A {time} está ocupado, lo siento. Puedo ofrecerle {options}.",
        "A {time} no tengo, pero tengo {options}.",
        "A {time} no hay nada libre. ¿Le iría bien {options}?",
    ),
    "full_on": ("El {date} está completo.", "El {date} no tengo nada libre.", "Para el {date} no queda nada."),
    "nothing_free": (
        "Lo siento, no hay nada libre en las próximas dos semanas. ¿Quiere dejar un mensaje?",
        "No encuentro nada libre en dos semanas. ¿Le tomo un mensaje?",
        "Está todo ocupado durante dos semanas. ¿Desea dejar un mensaje?",
    ),
    "slot_taken": (
        "Lo siento, esa hora se acaba de ocupar.",
        "Vaya, esa hora ya no está libre.",
        "Esa hora ya está ocupada, lo siento.",
    ),
    "ask_name": ("¿A qué nombre?", "¿Me dice su nombre, por favor?", "¿Cuál es su nombre?"),
    "ask_phone": (
        "¿Y su número de teléfono, por favor?",
        "¿En qué teléfono podemos localizarle?",
        "¿Me dice su teléfono?",
    ),
    "ask_phone_groups": (
        "No he cogido bien el número. ¿Me lo repite poco a poco, en grupos de cifras?",
        "Perdone, se ha perdido parte del número. ¿Me lo dice despacio, cifra por cifra?",
        "Me falta parte del número. ¿Me lo puede decir otra vez, por grupos?",
    ),
    "phone_go_on": ("Sí, siga.", "Lo tengo, ¿y después?", "De acuerdo, ¿y el resto?"),
    "check_booking_only": (
        "Entonces es {what}. ¿Es correcto?",
        "Le repito: {what}. ¿Está bien?",
        "Tengo {what}. ¿Lo reservo?",
    ),
    "check_booking": (
        "Entonces es {what}, y su teléfono es {phone}. ¿Es correcto?",
        "Le repito: {what}, teléfono {phone}. ¿Está bien?",
        "Tengo {what}, con el teléfono {phone}. ¿Lo reservo?",
    ),
    "check_move": (
        "Entonces la cambio: antes {moment}, ahora {new}. ¿Es correcto?",
        "De {moment} pasa a ser {new}. ¿Correcto?",
        "¿Cambio su cita de {moment}, para que sea {new}?",
    ),
    "booked_inbound": (
        "Queda reservado: {what}. Su referencia es {code}.",
        "Hecho. Tiene {what}. El número de referencia es {code}.",
        "Listo, {what}. Su número de referencia es {code}.",
    ),
    "moved": (
        "Hecho, queda cambiada: {moment}. Su nueva referencia es {code}.",
        "La he cambiado: {moment}. El nuevo número de referencia es {code}.",
        "Ya está cambiada: {moment}. Su referencia ahora es {code}.",
    ),
    "old_not_cancelled": (
        "No he podido quitar la cita anterior, alguien se encargará.",
        "La cita anterior sigue ahí; el equipo la quitará.",
        "Dejo una nota para que quiten la cita anterior.",
    ),
    "found_booking": (
        "Veo su cita {moment}. ¿Cuándo prefiere venir?",
        "Tiene cita {moment}. ¿Qué día y hora prefiere?",
        "Le tengo apuntado {moment}. ¿Para cuándo la cambio?",
    ),
    "which_booking": (
        "Veo más de una cita. ¿Se refiere a {moment}?",
        "Hay varias. ¿Es la de {moment}?",
        "¿Es la cita {moment}?",
    ),
    "check_cancel": (
        "¿Cancelo su cita {moment}?",
        "Tiene cita {moment}. ¿Quiere que la cancele?",
        "Es {moment}. ¿La cancelo?",
    ),
    "cancelled": (
        "Su cita {moment} queda cancelada.",
        "Hecho, la cita {moment} está cancelada.",
        "He cancelado la cita {moment}.",
    ),
    "kept_booking": (
        "De acuerdo, la dejo como está. ¿Algo más?",
        "Muy bien, no cambio nada. ¿Desea algo más?",
        "Vale, se queda. ¿Puedo ayudarle en algo más?",
    ),
    "no_booking_found": (
        "No encuentro ninguna cita con ese nombre y teléfono. ¿Quiere dejar un mensaje?",
        "No veo ninguna cita suya, lo siento. ¿Le tomo un mensaje?",
        "No hay ninguna cita con ese nombre y número. ¿Desea dejar un mensaje?",
    ),
    "calendar_failed": (
        "Lo siento, ahora no puedo consultar la agenda, así que no hay nada reservado. ¿Quiere dejar un mensaje?",
        "La agenda no responde. No se ha cambiado nada. ¿Le tomo un mensaje?",
        "No ha podido ser, lo siento. ¿Quiere dejar un mensaje para que le llamen?",
    ),
    # Message and transfer.
    "offer_message": ("¿Quiere dejar un mensaje?", "¿Le tomo un mensaje?", "¿Desea dejar un mensaje?"),
    "ask_message": (
        "Claro. ¿Cuál es el mensaje?",
        "Por supuesto, ¿qué quiere que les diga?",
        "Le tomo nota. ¿Qué les digo?",
    ),
    "check_message": (
        "Tengo esto: {text}. De {name_or_unknown}{phone_or_none}. ¿Es correcto?",
        "El mensaje es: {text}. De {name_or_unknown}{phone_or_none}. ¿Correcto?",
        "Le leo: {text}. De parte de {name_or_unknown}{phone_or_none}. ¿Está bien?",
    ),
    "message_noted": ("Se lo haré llegar.", "Gracias, se lo paso.", "Anotado, se lo comunico."),
    "transferring": (
        "Le paso ahora con {target}.",
        "Un momento, le pongo con {target}.",
        "Claro, le paso con {target}.",
    ),
    "nobody_to_transfer": (
        "Ahora no puedo pasarle con nadie. ¿Quiere dejar un mensaje?",
        "En este momento no hay nadie. ¿Le tomo un mensaje?",
        "Lo siento, no puedo pasarle. ¿Desea dejar un mensaje?",
    ),
    "still_connecting": (
        "Sigo intentando pasarle, un momento, por favor.",
        "Todavía está llamando, no cuelgue, por favor.",
        "Un momento, por favor, sigo intentando pasarle.",
    ),
    "transfer_unanswered": (
        "Lo siento, no ha contestado nadie. ¿Le tomo un mensaje?",
        "No contesta nadie, lo siento. ¿Quiere dejar un mensaje?",
        "No he podido localizar a nadie, lo siento. ¿Desea dejar un mensaje?",
    ),
    "transfer_busy": (
        "Lo siento, la línea está ocupada. ¿Le tomo un mensaje?",
        "Está atendiendo otra llamada. ¿Quiere dejar un mensaje?",
        "Ahora mismo comunica, lo siento. ¿Desea dejar un mensaje?",
    ),
    # Ends.
    "wrong_number_inbound": (
        "No pasa nada. Aquí es {business}. ¡Adiós!",
        "No se preocupe, ha llamado a {business}. ¡Adiós!",
        "Tranquilo, esto es {business}. ¡Adiós!",
    ),
    "spam": (
        "Gracias, pero no nos interesa. Adiós.",
        "No, gracias. Por favor, no llame más por esto. Adiós.",
        "No atendemos llamadas comerciales. Adiós.",
    ),
    "cannot_hear_inbound": (
        "Lo siento, no le entiendo. Llame de nuevo, por favor, o desde otro teléfono. Adiós.",
        "La línea es muy mala. Llámenos otra vez, por favor. Adiós.",
        "Lo siento, no consigo entenderle. Inténtelo más tarde, por favor. Adiós.",
    ),
}
