"""Spanish acts as patterns over act text (no accents; number words are figures)."""

import re

from voice_engine.core.dialogue.language.acts import ActGrammar
from voice_engine.core.dialogue.language.es.asks import ASK, ASKING, FACTS, QUESTION, UNKNOWN
from voice_engine.core.dialogue.language.es.standing import INBOUND, MACHINE, RULES

_STARTERS = (
    r"(?:le |les |te )?(?:puedo|podria|podriamos|podemos|tengo|tenemos|tendria|tendriamos|ofrezco|queda"
    r"|quedan|hay|habria)\b|que tal|que le parece|le parece|le (?:va|viene|gustaria|serviria|funciona"
    r"|interesa)|me (?:da|dice|puede|podria|permite)"
    r"|para cuant[oa]s|cuant[oa]s personas|a que (?:hora|nombre)|a nombre de|su (?:numero|codigo)"
    r"|el (?:numero|codigo) de|lo mas (?:temprano|pronto|cercano)|la (?:primera|proxima|siguiente|unica)"
    r"|cual es|seria|es correcto|mejor|prefiere"
)

UNAVAILABLE = (
    r"\b(?:estamos|esta|estan|tenemos|queda|todo|ya|lo tengo|tengo|completamente|totalmente|T\d"
    r"|D\d)(?: \w+){0,2} (?:llen[oa]s?|complet[oa]s?|al completo|ocupad[oa]s?|reservad[oa]s?|agotad[oa]s?"
    r"|cerrad[oa]s?|a tope|tomad[oa]s?|saturad[oa]s?|full|vendid[oa]s?)\b(?! (?:a|con) (?:su|nombre))"
    r"|\bno (?:\w+ )?(?:tenemos|tengo|tendria|tendriamos|hay|habra|queda|quedan|contamos|me queda"
    r"|nos queda|nos quedan|me quedan|ofrecemos|encuentro|veo|disponemos)\b(?!(?: \w+){0,2} (?:problema"
    r"|inconveniente|su (?:nombre|numero)|tarjeta|reserva a|registro))"
    r"|\bno (?:es posible|sera posible|se puede|(?:me |nos |le |lo )?(?:es|seria) posible|puedo|podemos"
    r"|podriamos|podria|va a poder|vamos a poder|se va a poder|esta disponible|estan disponibles"
    r"|estamos disponibles|hay manera|me da|nos da)\b(?! (?:oir|escuchar|entender|atender|esperar|ayudar"
    r"|dar(?:le)? (?:esa )?informacion|hablar))"
    r"|\b(?:nada|ningun[oa]?|ni) (?:disponible|libre|a las|para|hasta|antes|esa|ese|el|mesa|hueco|hora"
    r"|lugar|espacio)|\bsin (?:disponibilidad|mesas|huecos|lugar|espacio|cupo|habitaciones|plazas"
    r"|vacantes)|\b(?:lleno total|todo (?:lleno|completo|ocupado|reservado|vendido)|no disponible"
    r"|agotad[oa]s?|imposible)\b|\b(?:esa hora|ese dia|esa noche|esa fecha) (?:no|ya no)\b"
    r"|\ba las? T\d (?:ya )?no\b|\bT\d (?:ya )?no (?:esta|se|hay|tengo|tenemos|puedo|podemos|va)"
    r"|\b(?:cerramos|cerrado) (?:ese|los|el|D\d)|\b(?:(?:los|el) \w+|D\d) (?:cerramos|descansamos|libramos)"
    r"(?! (?:a|T\d))|\bno abrimos|\bestamos cerrados"
)

OFFER = (
    r"(?<!no )(?<!no le )(?<!no les )\b(?:puedo|podria|podemos|podriamos|tengo|tenemos|tendria|tendriamos"
    r"|hay|habria|queda|quedan|quedaria|ofrezco|ofrecemos|contamos con|dispongo|disponemos|veo|encuentro"
    r"|consigo|cuento con|nos queda|me queda|pued[eo])\b(?! (?:ayudar|su nombre|una reserva a|que))"
    r"|\b(?:que tal|que le parece|que les parece|le parece(?: bien)?|le (?:va|viene|vendria|gustaria"
    r"|serviria|sirve|funciona|funcionaria|interesa|interesaria|queda|quedaria|acomoda|convendria"
    r"|conviene|convence|doy|daria)|les (?:va|viene|vendria|gustaria|serviria|queda|parece|acomoda)"
    r"|te (?:va|viene|parece)|prefiere|preferiria|quiere que sea|puede (?:ser|venir|a)|podria (?:ser"
    r"|venir)|pueden venir|podrian|seria posible|y si|mejor|como ve)\b"
    r"|\b(?:T\d|D\d)(?: \w+){0,2} (?:esta|estan|si|seria|podria|sigue|quedaria)(?: \w+)? ?(?:libre"
    r"|disponible|posible|bien|hay|tengo|tenemos|se puede|puedo|podemos|perfecto)?\b|\b(?:libre"
    r"|disponible|hueco|lugar|espacio|mesa|cupo|disponibilidad|turno|cita)s?(?: \w+){0,2} (?:a|para|el"
    r"|desde|de|entre|sobre)(?: las?)? [TD]\d"
    r"|\b(?:lo (?:mas )?(?:temprano|pronto|proximo|cercano|antes|unico)|la (?:primera|proxima|siguiente"
    r"|ultima|unica)(?: \w+){0,3}|el (?:primer|proximo|siguiente|unico)(?: \w+){0,3}"
    r"|primera (?:hora )?disponible)\b.*[TD]\d|\b(?:solo|solamente|unicamente|quizas?|tal vez|a lo mejor"
    r"|en cambio|si acaso|o bien|alternativa|si quiere|si gusta|si le parece|pero si"
    r"|en todo caso)\b.*[TD]\d|\b(?:a partir de|desde) (?:las? )?T\d(?: si)?|\bpero (?:a"
    r"|para) (?:las? )?T\d|\bsi (?:a|para) las? T\d|\b(?:seria|serian|podria ser)(?: \w+)? a las? T\d"
)

CONFIRM = (
    r"\b(?:entonces|seria|serian|son|es|confirmo|le confirmo|confirmamos|para confirmar|confirmando"
    r"|repito|le repito|dijo|me dijo|ha dicho|usted (?:dijo|quiere|desea)|quiere (?:usted )?una|desea"
    r"|quedamos|quedaria|quedaria(?:mos)?|entonces es|o sea|es decir|verificando|tengo (?:una"
    r"|su) (?:reserva|mesa|cita|reservacion) (?:para|a)|tengo anotado|anoto|apunto|a ver si entendi)\b"
    r"|^ ?(?:muy bien |bien |perfecto |vale |ok |de acuerdo |claro |listo |si |y |bueno |, "
    r"|\. )*(?:una )?(?:mesa |reserva |reservacion |cita |habitacion )?para P\d"
)

TAG = (
    r"\b(?:es (?:correcto|asi|cierto|eso correcto|verdad)|(?:correcto|verdad|cierto|no es asi"
    r"|no es cierto|esta bien|de acuerdo|no|vale|asi es|me confirma|si) \?|esta (?:bien|correcto) (?:asi"
    r"|todo)?|me (?:lo )?(?:confirma|confirmas)|lo tengo bien|es asi|puede confirmar|podria confirmar"
    r"|todo correcto|estamos de acuerdo)\b"
)

BOOKED = (
    r"\b(?:(?:ya )?(?:esta|queda|quedo|queda todo|quedamos|esta todo|todo|queda usted|ha quedado|ya quedo"
    r"|le queda|les queda|quedaria|queda ya) (?:ya |todo |su |la |usted )*(?:\w+ )?(?:reservad[oa]"
    r"|confirmad[oa]|agendad[oa]|apuntad[oa]|anotad[oa]|hech[oa]|list[oa]|registrad[oa]|programad[oa]"
    r"|apartad[oa])|(?:su|la|tu) (?:reserva|cita|reservacion|mesa|habitacion)(?: \w+){0,6} (?:esta|queda"
    r"|quedo|ha quedado|ha sido|fue) (?:\w+ )?(?:confirmad[oa]|reservad[oa]|hech[oa]|agendad[oa]|list[oa]"
    r"|realizad[oa]|registrad[oa]|programad[oa]|lista)|(?:le|les|lo|la|te|los) (?:he |hemos |tengo "
    r"|tenemos |dejo |acabo de |dejamos )?(?:reserv(?:e|ado|amos|o|ar)|anot(?:e|ado|amos|o|ar)|apunt(?:e"
    r"|ado|amos|o|ar)|agend(?:e|ado|amos|o|ar)|apart(?:e|ado|amos|o|ar)|confirm(?:ado|e)|registr(?:e|ado"
    r"|amos|o))\b|reserva (?:confirmada|hecha|lista|realizada)|cita (?:confirmada|agendada|hecha|lista)"
    r"|(?:los|le|les|lo|la|te|nos) (?:esperamos|espero|vemos|veo)\b(?! (?:en linea))|nos vemos (?:el|a"
    r"|manana|D\d|T\d|entonces|esta|la)|he (?:reservado|apuntado|anotado|agendado|confirmado)|ya (?:esta"
    r"|quedo)(?= ?(?:$|[,.!]| (?:hecho|listo|su)))|ya tiene (?:su|la) (?:mesa|reserva|cita)|tiene (?:su"
    r"|la) (?:mesa|reserva|cita) (?:confirmad|reservad|para)\w*|con(?:firmad[oa]) (?:su|la|para|entonces)"
    r"|reservad[oa] (?:para|a nombre)|^ ?(?:listo |perfecto |muy bien |, )*(?:confirmad[oa]|reservad[oa]"
    r"|agendad[oa])\b)"
)

NOT_BOOKED = (
    r"\b(?:no|puedo|podria|quiere que|desea que|si (?:quiere|gusta|desea)|para (?:reservar|confirmar"
    r"|anotar)|antes de|quiere|ya esta (?:reservad|ocupad|todo)|esta todo (?:reservad|ocupad)"
    r"|todo reservad|todas? (?:reservad|las)|voy a|necesito|lista de espera|hasta que|cuando|una vez)"
)

_YES = (
    r"(?:si|sip|claro(?: que si)?|por supuesto|correcto|exacto|exactamente|asi es|de acuerdo|vale|ok|okey"
    r"|okay|esta bien|muy bien|perfecto|desde luego|efectivamente|eso es|cierto|con (?:mucho )?gusto"
    r"|como no|bueno|sale|dale|listo|adelante|me parece (?:bien|perfecto)|estupendo|genial|aja"
    r"|sin problema|no hay problema|ningun problema|no hay inconveniente|afirmativo|excelente"
    r"|seguro|es correcto|ya lo creo|encantad[oa]|me sirve|nos sirve)"
)

_ECHO = (
    "para a las la el de y mesa una personas persona entonces ok reserva noches son nombre seria hoy dijo perdon"
)

ACTS = ActGrammar(
    split=re.compile(
        r"[.?!;](?<=[.!;])|(?<=\?)|(?: ,)? (?:pero|sin embargo|aunque|en cambio|no obstante)(?= )"
        r"|(?: ,)? y (?=(?:su numero|su codigo|a que|a nombre|para cuant|cuant|que |me |el numero|quien"
        rf"|cual|cuando))|(?<=[a-z0-9,]) (?={_STARTERS})(?<!no )(?<!no le )(?<!no les )(?<!ya no )"
    ),
    dangling=re.compile(
        r"(?:^|[,.?!;]) ?(?:para|y|pero|entonces|bueno)?(?: el)? ?D\d+ ?,? ?$"
        r"|\b(?:que|cuando|donde|quien|como|cual|cuant[oa]s|hora|dia|fecha|nombre|numero|telefono|tipo|si"
        r"|y|o|no|a|de|para) ?$"
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
        r"\b(?:es[ae]|est[ae]|el|la|tod[ao]) (?:mism[oa] )?(?:dia|noche|fecha|tarde|manana|semana"
        r"|fin de semana)\b|\btodo el dia|\btoda la (?:noche|tarde)|\bD\d|\b(?:completamente|totalmente"
        r"|todo) (?:llen|complet|ocupad|reservad)|\bal completo\b|\bsin disponibilidad|\bno (?:hay"
        r"|tenemos|queda|quedan|tengo)(?: \w+)? ?(?:nada|mesas?|disponibilidad|lugar|cupo|habitaciones"
        r"|citas|espacio)\b|\bcerrad|\bcerramos|\bdescansamos|\blibramos|\bno abrimos|\bhoy\b"
    ),
    nothing_before=re.compile(
        r"\b(?:nada|no|ningun[oa]?|hueco|libre|disponible|lleno|completo)(?: \w+){0,5} (?:antes de(?:l)?"
        r"|hasta)(?: las?| el)? [TD]\d"
    ),
    offer=re.compile(OFFER),
    hours=re.compile(
        r"\b(?:abrimos|abren|abre|cerramos|cierran|cierra|atendemos|atienden|horario (?:es|de)|servimos|sirven)\b"
        r"|\b(?:el (?:check ?in|check ?out|desayuno|almuerzo)|la (?:entrada|salida|cocina|cena"
        r"|comida)) (?:es|son|empieza|termina|sirve)\b|\babierto (?:de|desde|hasta)"
    ),
    confirm=re.compile(CONFIRM),
    tag=re.compile(TAG),
    booked=re.compile(BOOKED),
    not_booked=re.compile(NOT_BOOKED),
    denied=re.compile(r"\bno(?: a las?| el)? $"),
    yes=re.compile(
        rf"^(?: ?(?:ah|oh|eh|pues|bueno|hola|y|,|\.|muy|ay) )*{_YES}\b(?!(?: ,)? diga)(?! (?:no|quiere|gusta"
        r"|dias|tardes"
        r"|noches|le (?:parece|gusta)|me (?:permite|da)|usted|es que|desea|prefiere))|[,.] (?:si|correcto"
        r"|asi es|esta bien|es correcto) ?[.!]?$"
    ),
    no=re.compile(
        r"^(?: ?(?:ah|oh|eh|pues|bueno|hola|,|\.|ay|uy) )*(?:no|nop|para nada|que va|en absoluto|negativo"
        r"|todavia no|aun no|incorrecto|claro que no|tampoco|nunca|no es (?:correcto|asi)"
        r"|esta mal)\b(?! (?:hay problema|hay inconveniente|se preocupe|te preocupes|cuelgue|pasa nada"
        r"|hay de que|hay por que|se retire))"
    ),
    greeting=re.compile(
        r"^(?: ?[,.] ?)*(?:si(?: ,)? diga(?:me)?\b|hola|alo|buenas|buenos dias|buen dia|bueno \?|diga"
        r"|digame|si diga|si digame|bienvenid[oa])\b|\bbuen[oa]s (?:dias|tardes|noches)\b"
        r"|\bgracias por (?:llamar|su llamada|comunicarse"
        r"|marcar)|\ben que (?:puedo|podemos|le puedo|le podemos|lo puedo) (?:ayudar|servir|atender)"
        r"|\ble atiende\b|\b(?:habla|le saluda) X\d|\ba sus ordenes|\ben que (?:le|lo|la) (?:ayudo"
        r"|atiendo)|\bque se le ofrece"
    ),
    thanks=re.compile(
        r"\b(?:gracias(?! por (?:llamar|su llamada|comunicarse))|se (?:lo|le) agradezco|muy amable"
        r"|le agradezco)\b"
    ),
    goodbye=re.compile(
        r"\b(?:adios|hasta (?:luego|pronto|manana|la vista|entonces|el (?:lunes|martes|miercoles|jueves"
        r"|viernes|sabado|domingo)|otra)|chao|chau|nos vemos|que (?:tenga|le vaya|este|pase|tengan"
        r"|te vaya)(?: \w+){0,2} (?:buen|bien|buena|buenas|excelente|feliz|lindo|bonito)|que le vaya"
        r"|cuidese|bye|feliz (?:dia|tarde|noche)|que este bien|saludos)\b"
    ),
    echo=frozenset(_ECHO.split()),
)
