"""Spanish questions: for our slots, for what slots cannot answer, and for facts of a business."""

import re

from voice_engine.core.dialogue.commands import Fact, SlotName

ASKING = re.compile(
    r"\b(?:algun[ao]?|que|cual|cuales|quien|quienes|cuando|donde|cuanto|cuanta|cuantos|cuantas|como|me (?:puede"
    r"|podria|da|dice|regala|permite|indica|facilita|proporciona|confirma|deja|brinda|repite)"
    r"|(?:puede|podria|puedo|necesito|necesitaria|necesitamos|requiero|falta|digame|deme|indiqueme|dime"
    r"|dame)|tiene|tienen|tendria|seria|su|prefiere|prefieren|desea|gusta|a nombre|para (?:que|cuantos"
    r"|cuantas|cuando|quien)|por favor|hay|es|va a|van a|quiere|le gustaria|con quien|a que)\b"
)

QUESTION = re.compile(
    r"\?|^(?: ?(?:y|si|hola|,|buenas|buenos dias|buenas tardes|disculpe|oiga) ?)*(?:que|cual|quien|cuando"
    r"|donde|cuanto|cuantos|cuantas|como|puede|podria|tiene|tienen|hay|es|son|esta|estan|aceptan|hacen"
    r"|ofrecen)\b"
)

_ASK: tuple[tuple[str, SlotName], ...] = (
    (
        r"\b(?:cuant[oa]s(?: (?:personas|comensales|serian|son|van|seran|vienen|huespedes|adultos"
        r"|invitados|en total|vendrian|ser[a-z]+|de ustedes|lugares|estarian|asistiran|vendran|irian"
        r"|somos|iban|quieren|mesa))?(?= ?(?:$|[,?.!]| (?:a|en|para|el|por|y|de|va|van|ser)\b))|(?:para"
        r"|de|con) cuant[oa]s(?! (?:noches|dias|horas|camas|habitaciones))|numero de (?:personas"
        r"|comensales|huespedes)|cantidad de personas|cuant[oa]s (?:personas|comensales|huespedes"
        r"|invitados|adultos|van|son|serian|seran|vienen))\b",
        "party_size",
    ),
    (
        r"\b(?:(?:a|que|para|cual|de|sobre|en) ?(?:que |cual )?(?:hora|horario)s?\b(?! (?:abren|cierran"
        r"|abre|cierra|tienen de|es el check|estan abiertos))|la hora\b|por la (?:manana"
        r"|tarde) o (?:por )?la (?:tarde|noche|manana)|manana o tarde|que horario|comida o cena"
        r"|hora (?:le|les|prefiere|seria|desea|gustaria)|de manana o de tarde)",
        "time",
    ),
    (
        r"\b(?:(?:que|cual|cuales|para que|en que) (?:dia|fecha)s?\b(?! (?:abren|cierran))|para cuando"
        r"|cuando (?:seria|le gustaria|desea|quiere|quisiera|llega|llegan|llegaria|vendria|viene|lo|la"
        r"|prefiere|necesita|va|piensa)|la fecha\b(?! de)|fecha de (?:entrada|llegada|la reserva|la cita"
        r"|reservacion)|dia de (?:llegada|entrada)|dia (?:seria|le|prefiere|desea)|fecha (?:seria|le"
        r"|prefiere|desea)|y cuando\b|cuando \?)",
        "date",
    ),
    (
        r"\b(?:cuantas noches|cuantos dias|cuanto tiempo (?:se|va|van|piensa|estara|estaran)|numero de noches"
        r"|por cuantas)",
        "nights",
    ),
    (
        r"\b(?:(?:fecha|dia|hora) de (?:salida|check ?out|partida)|hasta (?:cuando|que (?:dia|fecha))"
        r"|cuando (?:se va|se van|sale|salen|deja|se marcha|seria la salida|hace(?:n)? el check ?out))",
        "check_out",
    ),
    (
        r"\b(?:(?:que|cual) (?:tipo|clase) de (?:habitacion|cama|cuarto)|(?:tipo|categoria"
        r"|clase) de (?:habitacion|cama|cuarto)|que habitacion|cual habitacion|cuantas (?:habitaciones"
        r"|camas)|(?:habitacion|cama|cuarto)?s? ?(?:individual|doble|sencilla|matrimonial|king|queen"
        r"|simple|suite|estandar|dos camas|2 camas|1 cama|una cama)(?: \w+){0,2} o (?:una? "
        r"|con )?(?:\w+ )?(?:individual|doble|sencilla|matrimonial|king|queen|simple|suite|superior"
        r"|dos camas|2 camas|1 cama))",
        "room",
    ),
    (
        r"\b(?:(?:que|cual|tipo de|clase de) (?:servicio|tratamiento|procedimiento|consulta|cita"
        r"|especialidad|estudio)s?|motivo de (?:la|su) (?:cita|consulta|visita)|(?:para"
        r"|por) que (?:servicio|especialidad|motivo|necesita (?:la|el)|es la (?:cita|consulta)"
        r"|seria la (?:cita|consulta)|quiere la cita)|que (?:le|se) (?:quiere |va a |desea "
        r"|gustaria )?(?:hacer|realizar)|que necesita(?: \w+)? ?\?|la cita es para|que problema"
        r"|que especialidad|cual es el motivo(?! de (?:su|la) llamada)|que tipo de cita)",
        "service",
    ),
    (
        r"\b(?:(?:que|cual) (?:doctora?|medico|dentista|especialista|estilista|profesional|peluquer[oa]"
        r"|terapeuta)|con (?:quien|que (?:doctor|medico|doctora|dentista|especialista)|cual (?:doctor"
        r"|medico))|(?:algun|alguna|un) (?:doctora?|medico|especialista|dentista) en (?:especial"
        r"|particular)|quien (?:lo|la|le) (?:atiende|ve|trata)|su (?:medico|doctor) (?:de cabecera"
        r"|habitual))",
        "doctor",
    ),
    (
        r"\b(?:(?:adentro|dentro|interior|afuera|fuera|exterior|terraza|barra|salon|jardin|patio"
        r"|ventana)(?: \w+){0,2} o (?:en |la |el |al |prefiere )*(?:adentro|dentro|interior|afuera|fuera"
        r"|exterior|terraza|barra|salon|jardin|patio|ventana|mesa)|donde (?:prefiere|quiere|le gustaria"
        r"|desea|quieren|prefieren) (?:sentar|la mesa|estar)|(?:preferencia|zona) (?:de|para) (?:mesa"
        r"|sentarse|asiento)|que zona|(?:prefiere|quiere|desea)n? (?:en )?(?:terraza|interior|exterior"
        r"|adentro|afuera))",
        "seating",
    ),
    (r"\b(?:fecha de nacimiento|cuando nacio|que edad|cuantos anos|su edad)", "birth_date"),
    (r"\b(?:correo|e ?mail|mail)\b", "email"),
    (
        r"\b(?:seguro(?: medico| de gastos| dental)|aseguradora|obra social|mutua|prepaga|poliza|tiene seguro"
        r"|con seguro|que seguro|algun seguro|eps|isapre|fonasa)\b",
        "insurance",
    ),
    (r"\bpresupuesto\b", "price"),
    (
        r"\b(?:(?:numero|codigo|clave) de (?:confirmacion|reserva|reservacion|referencia)|localizador|folio)\b",
        "code",
    ),
    (
        r"\b(?:(?:numero|un|su|el|que|cual es su) (?:de )?(?:telefono|celular|movil|contacto|telefonico)"
        r"|telefono (?:de contacto|por favor|de referencia|celular)|(?:su|que|cual es su|me da(?: un"
        r"| su)?|un|el) (?:numero|telefono|celular|movil)\b(?! de (?:confirmacion|reserva|personas"
        r"|comensales|noches|huespedes))|(?:a|en) que (?:numero|telefono)|telefono \?|donde (?:lo|la"
        r"|le) (?:podemos|puedo) (?:llamar|localizar|contactar)|datos de contacto|numero de contacto"
        r"|^telefono$)",
        "phone",
    ),
    (
        r"\b(?:a (?:que|nombre de|cual) (?:nombre|quien)|a nombre de quien|(?:que|cual|bajo que|con que"
        r"|en que) (?:es (?:su|el) )?(?:nombre|apellido)|(?:su|el|un|me (?:da|dice|regala|indica"
        r"|puede dar|podria dar|facilita|permite|brinda|proporciona)(?: \w+)?) (?:nombre|apellido)s?"
        r"|nombre (?:completo|y apellidos?|por favor|de la (?:reserva|persona)|del (?:paciente|titular"
        r"|huesped)|seria|\?)|apellidos? (?:por favor|\?)|como se llama(?! (?:el|la|su) (?:restaurante"
        r"|empresa|clinica|hotel|doctor))|quien (?:hace|es|seria) (?:la reserva|el paciente|el titular"
        r"|el huesped)|para quien (?:es|seria)|^(?:y )?(?:nombre|apellido|su nombre|nombre y apellido)$"
        r"|como (?:lo|la|le) (?:anoto|apunto|registro)|^(?: ?(?:y|si|claro|perfecto|muy bien"
        r"|,) ?)*(?:nombre|apellido))",
        "name",
    ),
)

ASK = tuple((re.compile(pattern), slot) for pattern, slot in _ASK)

_UNKNOWN: tuple[tuple[str, str], ...] = (
    (r"\b(?:tarjeta(?! de (?:presentacion|visita))|cvv|codigo de seguridad|vencimiento|visa|mastercard)\b", "card"),
    (
        r"\b(?:deposito|anticipo|senal|prepago|pago (?:por adelantado|anticipado)|adelanto|como (?:va a|desea"
        r"|quiere|quiere) pagar|forma de pago|metodo de pago|transferencia)\b",
        "payment",
    ),
    (
        r"\b(?:alergi\w+|alergic\w+|vegetarian\w+|vegan\w+|gluten|celiac\w+|dieta"
        r"|restriccion(?:es)? aliment\w+|intoleran\w+)\b",
        "allergy",
    ),
    (
        r"\b(?:en |a |de )?(?:que|cual(?: de)?)(?: nuestros?| nuestras?)? (?:local|sucursal"
        r"|sede|centro|tienda)(?:es)?\b"
        r"|\ben que (?:restaurante|clinica|hotel)\b",
        "location",
    ),
    (r"\b(?:ocasion especial|celebra\w*|cumpleanos|aniversario|festej\w+|alguna ocasion)\b", "occasion"),
    (
        r"\b(?:paciente nuevo|paciente nueva|nuevo paciente|cliente nuevo|primera (?:vez|visita|consulta"
        r"|cita)|ya (?:es|ha|habia|fue|estuvo|vino)(?: \w+){0,3} (?:paciente|venido|estado|cliente|visitado"
        r"|atendido)|ha (?:venido|estado|visitado)|es (?:usted )?paciente|paciente (?:nuestro"
        r"|de la clinica))\b",
        "new_or_existing",
    ),
    (
        r"\b(?:direccion (?:de su|postal|particular)|su direccion|su domicilio|codigo postal|domicilio"
        r"|donde vive)\b",
        "address",
    ),
    (
        r"\b(?:dni|pasaporte|cedula|identificacion|documento(?: de identidad)?|curp|rfc|nie|nif|rut"
        r"|numero de (?:seguro social|afiliado|afiliacion|socio|poliza|historia)|seguridad social|matricula"
        r"|placas?)\b",
        "identity",
    ),
    (
        r"\b(?:sillas? (?:alta|de bebe|de ruedas|para bebe|para nino)|trona|periquera|carriola|mascotas?"
        r"|perros?|alguna (?:peticion|solicitud|nota|observacion|necesidad)|(?:peticion|solicitud"
        r"|requerimiento)(?:es)? especial(?:es)?|con ninos|van ninos|hay ninos)\b",
        "special_request",
    ),
    (
        r"\b(?:sintomas?|medicamentos?|antecedentes|dolor|embarazada|fiebre|referencia medica|derivacion"
        r"|volante)\b",
        "medical",
    ),
    (
        r"\b(?:desayuno|estacionamiento|parking|aparcamiento|cochera|programa de (?:lealtad|puntos)"
        r"|membresia)\b",
        "extras",
    ),
    (r"\blista de espera\b", "wait_list"),
)

UNKNOWN = tuple((re.compile(pattern), topic) for pattern, topic in _UNKNOWN)

_FACTS: tuple[tuple[str, Fact], ...] = (
    (
        r"\b(?:politica|cargo|costo|penalizacion|multa|cuota)(?: \w+){0,3} cancela"
        r"|\bcancela\w*(?: \w+){0,5} (?:cargo|costo|cobran|penaliza|multa|reembols|devuel)|\breembols"
        r"|\bcon cuanta anticipacion",
        "cancellation",
    ),
    (r"\b(?:seguros?(?: medicos?| dental)?|aseguradora|obra social|mutua|prepaga|eps)\b", "insurance"),
    (
        r"\b(?:estacionamiento|parking|aparcamiento|aparcar|estacionar|parqueo|parqueadero|cochera|valet)\b",
        "parking",
    ),
    (
        r"\b(?:(?:a que|que|cual es (?:el|su)|hasta que|desde que) ?(?:hora|horario)s?(?: \w+){0,4} (?:abren"
        r"|cierran|abre|cierra|atienden|trabajan|abierto|abiertos|tienen|de atencion)|horarios?\b"
        r"|estan abiertos|(?:abren|cierran|trabajan|atienden|abre|cierra)\b|esta(?:n)? (?:abierto|abiertos"
        r"|cerrado|cerrados))",
        "hours",
    ),
    (
        r"\b(?:donde (?:estan|esta|queda|quedan|se encuentra|se ubican|es)|direccion|ubicacion|ubicad[oa]s?"
        r"|como (?:llego|llegar|puedo llegar)|en que calle|domicilio|cerca de)\b",
        "location",
    ),
    (
        r"\b(?:cuanto (?:cuesta|vale|cobran|sale|es|seria|cuestan|valen|me cobran|sale)|precios?|costos?"
        r"|tarifas?|coste|que precio|presupuesto|cobran|honorarios)\b",
        "price",
    ),
    (r"\b(?:menu|carta|platos?|vegetarian\w+|vegan\w+|gluten|comida sin|opciones (?:de comida|sin))\b", "menu"),
    (
        r"\b(?:(?:que|cuales|tipo de) (?:\w+ )?(?:servicios|tratamientos|procedimientos|especialidades)"
        r"|(?:ofrecen|hacen|realizan|manejan|aceptan|atienden|venden|reparan|tienen servicio"
        r"|dan servicio)\b)",
        "services",
    ),
    (r"\b(?:numero de (?:telefono|fax|whatsapp)|su telefono|whatsapp)\b", "phone"),
    (
        r"^(?: ?(?:y|si|hola|buenas|buenos dias|buenas tardes|buenas noches|disculpe|oiga|una (?:pregunta"
        r"|consulta|duda)|queria (?:saber|preguntar)|quisiera saber|me (?:puede|podria) decir|sabe|, "
        r"|tambien) ?)*(?:que|cual|cuales|quien|cuando|donde|cuanto|cuantos|como|tienen|hay|puedo|se puede|es"
        r"|son|esta|estan|(?<=y )si)\b(?! (?:dice|dijo|tal|me llamo))(?:.*\?|(?: \S+){3,})|\b(?:queria|quisiera"
        r"|quiero) (?:saber|preguntar|informacion|consultar)|\buna (?:pregunta|duda)\b",
        "other",
    ),
)

FACTS = tuple((re.compile(pattern), fact) for pattern, fact in _FACTS)
