"""Spanish acts that stand on their own: recordings, opt-out, hold, transfer, and what inbound callers want."""

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
    Scene,
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
        "humano",
        "humana",
        "persona",
        "personas",
        "alguien",
        "real",
        "viva",
        "agente",
        "operador",
        "operadora",
        "representante",
        "asesor",
        "asesora",
        "ser",
        "de",
        "verdad",
        "servicio",
        "al",
        "cliente",
        "atencion",
    ]
)
_LEADING = re.compile(r"^(?:(?:el|la|los|las|un|una|algun|alguna|su|con|a|al) )+")

MACHINE = (
    rule(
        r"\b(?:diga|indique|grabe|mencione|deje|anuncie) su nombre (?:y|,)(?: \w+){0,2} (?:motivo|razon"
        r"|por que|asunto)|\b(?:motivo|razon) de (?:su|la) llamada(?: \w+){0,4} (?:despues|tono|grab)"
        r"|\bfiltr\w+ (?:de )?llamadas|\basistente de llamadas|\bsi (?:graba|dice) su nombre"
        r"|\bverificare si (?:esta persona|la persona)|\b(?:diga|grabe"
        r"|indique) (?:su nombre y )?(?:el motivo|por que llama)",
        fixed(Screening()),
    ),
    rule(
        r"\b(?:despues|al|tras|luego) (?:de (?:escuchar )?|escuchar |oir )?(?:el |la |del |l )?(?:tono"
        r"|senal|bip|pitido)|\bbuzon(?: de voz| de mensajes)?\b|\bcontestador\b|\bdej[ea](?:r|me|nos"
        r"|n)? (?:su|un|tu|el|sus) (?:mensaje|recado|nombre|datos)|\b(?:no (?:puedo|podemos|puede"
        r"|esta disponible para|estamos disponibles para) (?:atender|contestar|responder|tomar)(?:le|te"
        r"|lo)?)(?: \w+){0,3}(?: llamada| telefono)?|\bel (?:numero|abonado|usuario|cliente"
        r"|telefono)(?: \w+){0,6} (?:no (?:esta|se encuentra)|apagado|fuera)|\bgrabe su mensaje"
        r"|\bcorreo de voz|\bnos (?:pondremos|comunicaremos) en contacto|\b(?:le|te) (?:devolvere"
        r"|devolveremos|devuelvo) la llamada",
        not_inbound(VoicemailGreeting()),
        unless=r"\b(?:quiere|desea|gusta|puedo|podria|gustaria|quisiera|quieres|puede) (?:usted )?(?:dejar|tomar"
        r"|que le)\b(?!.*(?:tono|senal))|\ble tomo (?:un|el) (?:mensaje|recado)",
    ),
)

RULES = (
    rule(
        r"\bno (?:me |nos |le |lo )?(?:vuelv[ao]n?s?|vuelvas|vuelvan) a (?:llamar|marcar|contactar"
        r"|molestar|hablar)|\bno (?:me|nos|le) (?:llame[ns]?|marque[ns]?|contacte[ns]?|moleste[ns]?"
        r"|hable[ns]?|este[n]? llamando)(?: mas| nunca| otra vez| de nuevo|$| ?[,.!])"
        r"|\bno llame[ns]? (?:mas|nunca|aqui|otra vez|de nuevo|a este)|\bdeje[ns]?(?: ya)? de (?:llamar"
        r"|marcar|molestar|contactar)\w*|\b(?:quite|quiten|quitame|quiteme|quitenme|saque|saquenme"
        r"|saqueme|borre|borreme|borrenme|elimine|elimineme|eliminenme|remueva|remuevame|deme de baja"
        r"|denme de baja|dar(?:me)? de baja)\b(?: \w+){0,5}(?: (?:lista|base|datos|registro|sistema"
        r"|numero|baja))?|\bno quiero (?:que me llamen|recibir (?:mas )?llamadas|mas llamadas"
        r"|que me vuelvan)|\bninguna llamada mas|\bdar(?:me|nos) de baja|\bborr\w+ (?:mi|este) numero",
        opt_out,
        unless=r"\bno (?:me )?llame[ns]? (?:antes|hasta|despues)",
    ),
    rule(
        r"\b(?:numero|telefono) (?:equivocado|incorrecto|erroneo)|\bse (?:ha )?equivoc\w+|\b(?:te|os"
        r"|usted) (?:has |ha )?equivoc\w+ de (?:numero|telefono)|\besta equivocad[oa]|\baqui no (?:es"
        r"|vive|hay|trabaja) (?:ningun|ninguna|nadie|un|una|el|la|ese|esa)|\b(?:esto|este"
        r"|aqui) no es (?:un|una|el|la|ningun|ninguna) \w+|\bes (?:una )?(?:casa|domicilio|numero"
        r"|telefono|linea) (?:particular|privad[oa]|personal)|\bno (?:conozco|conocemos) a (?:nadie"
        r"|ningun|esa)|\bno es aqui\b|\baqui no es\b|\bmarco mal|\bequivocado de numero",
        fixed(WrongNumber()),
        unless=r"\b(?:me|nos) (?:he |habre )?equivo|\bsi no me equivoco",
    ),
    rule(
        r"\b(?:es|eres|sera|seria|estoy hablando con|hablo con|usted es|esto es|esta es|son"
        r"|hablando con) (?:usted |esto |tu |este )?(?:una? )?(?:robot|maquina|computadora|ordenador|bot"
        r"|grabacion|inteligencia artificial|ia|contestadora|persona real|persona de verdad|humano"
        r"|automatic[oa]|sistema automatico|voz automatica|una? asistente virtual|asistente virtual"
        r"|chatbot|persona o)\b|\b(?:robot|maquina|grabacion|bot) \?|\bcon (?:una? )?(?:maquina|robot"
        r"|computadora|grabacion|inteligencia artificial)\b|\b(?:suena|parece)s? (?:a "
        r"|como )?(?:una? )?(?:robot|maquina|grabacion)|\b(?:es usted|eres|usted es|hablo con"
        r"|hablando con) (?:una |1 )?(?:persona|humano)\b|\bpersona real\b.*\?",
        fixed(AreYouRobot()),
        unless=r"\b(?:quiero|quisiera|necesito|puedo|podria|deseo|paseme|comuniqueme"
        r"|prefiero) (?:\w+ )?(?:hablar|comunicar|pasar|con)|\besta llamada (?:puede|podra|sera)",
    ),
    rule(
        r"\bno (?:\w+ ){0,4}(?:grab\w+|grabacion)\b|\b(?:deje|pare|apague|detenga|desactive"
        r"|quite)n?(?: \w+){0,2} (?:grabar|grabando|grabacion|la grabadora)|\bsin (?:grabar|grabacion)",
        fixed(DeclineRecording()),
        unless=r"\bno (?:es|soy|sera) (?:una )?grabacion|\bno se graba|\bno (?:hay|tenemos)(?: \w+){0,2} grab",
    ),
    rule(
        r"\b(?:quien (?:es|habla|llama|eres|me (?:habla|llama)|lo (?:llama|busca)|la (?:llama|busca)"
        r"|le llama)|con quien (?:hablo|tengo el gusto|estoy hablando|hablamos)|de (?:parte de quien"
        r"|donde (?:llama|me (?:llama|habla)|nos llama|habla|es))|(?:cual es el|que|el|motivo"
        r"|cual es) (?:motivo|asunto|razon) de (?:su|la|tu) llamada|por que (?:llama|motivo (?:llama"
        r"|es la llamada))|para que llama|de que se trata|a que se debe (?:su|la) llamada|sobre que (?:es"
        r"|llama)|que (?:desea|se le ofrece|quiere|necesita)(?= ?(?:$|[?.])| usted)|de que empresa"
        r"|de que (?:compania|parte)|que empresa|quien lo solicita|quien pregunta|motivo de (?:su"
        r"|la) llamada)\b",
        fixed(WhoIsCalling()),
        unless=r"\bquien (?:es|seria) (?:el (?:paciente|titular|huesped)|la reserva)|\bpara quien"
        r"|\bgracias por llamar.*\ben que",
    ),
    rule(
        r"\b(?:deletre\w+|como se (?:escribe|deletrea)|letra por letra|con que letras?|me lo deletrea)\b",
        lambda match, scene: Spell(),
        unless=r"\b(?:se lo|le) deletreo|\bse escribe (?:[a-z] |con )",
    ),
    rule(
        r"\b(?:repit\w+|repet\w+|otra vez|de nuevo|una vez mas|1 vez mas|como dijo|como dice|que dijo"
        r"|que dice|mande|no (?:le |lo |la |te |los )?(?:escuch\w+|oi\w*|entend\w+|entiend\w+|capt\w+"
        r"|o[iy]go?)|(?:hable|habla) mas (?:fuerte|alto|despacio|lento)|mas (?:despacio|alto|fuerte)"
        r"|se (?:corta|escucha (?:mal|muy bajo|cortado)|entrecorta|oye (?:mal|muy bajo))|no le (?:copio"
        r"|oigo)|como era|puede hablar mas)\b|^(?: ?(?:perdon|como|disculpe|que|eh) ?(?:\?|\. \?)?)+$"
        r"|\b(?:perdon|como|disculpe) \?",
        lambda match, scene: Repeat(),
        unless=r"\b(?:le|se lo|te) repito|\bvuelva|\bvolver a llamar|\bllam\w+ (?:de nuevo|otra vez)"
        r"|\bintent\w+ (?:de nuevo|otra vez)|\bno (?:me |nos )?llam",
    ),
    rule(
        r"\b(?:un|una|1|deme un|dame un|espere un|permitame un|solo un|regaleme un) (?:momento|momentito"
        r"|segundo|segundito|minuto|minutito|instante|ratito|rato|momentico|segundico)\b|\b(?:espere"
        r"|espera|esperen|esperate|esperese|aguarde|aguarda|aguardeme|espereme|aguante|permitame"
        r"|permiteme|dejeme|dejame|deje|dejenos) (?:un|una|1|en|que|tantito|por|le|me|ver|verificar"
        r"|revis\w+|consult\w+|checar|comprobar|mirar|pregunt\w+|busc\w+|confirm\w+|pas\w+|comunic\w+"
        r"|chequear|y|la linea)\b|^(?: ?(?:si|claro|ok|por favor|,|perdon|bueno|a ver) ?)*(?:espere"
        r"|espera|aguarde|permitame|dejeme)\b|\bno (?:cuelgue|corte|se retire)|\ben (?:espera|linea)\b"
        r"|\b(?:voy a|vamos a|ahora|ya|enseguida|ahorita) (?:le |lo |la |te )?(?:verific\w+|revis\w+"
        r"|consult\w+|chec\w+|comprob\w+|mir\w+|pregunt\w+|transf\w+|comunic\w+|paso|pasar\w*|busc\w+"
        r"|confirmo|miro|reviso)\b|\bno se (?:retire|vaya)|\bmantengase|\bpermanezca|\b(?:le|lo"
        r"|la) (?:transfiero|comunico|paso|pongo)(?: con)?\b|\ba ver (?:un|dejeme|si|que|espere)"
        r"|\btodos nuestros (?:agentes|operadores|asesores|ejecutivos)"
        r"|\bsu llamada es (?:muy )?importante|\bdejeme ver|\bvoy a ver\b|\bestoy (?:revisando"
        r"|verificando|mirando|checando|consultando|buscando)",
        not_inbound(Hold()),
        unless=r"\blista de espera|\btiempo de espera|\bno puedo esperar",
    ),
    rule(
        r"\b(?:hablar|comunic\w+|pas[ae]\w*|pon(?:er|ga)\w*|transfier\w+|transfer\w+"
        r"|conect\w+)(?: \w+){0,2}? con (?P<who>[a-zX0-9 ]{2,40}?)(?= por favor| ahora| sobre| si"
        r"| ?[,.?!]|$)|\b(?:un |una )?(?:agente|operador|operadora|representante|persona real|asesor"
        r"|asesora|humano|persona de verdad)(?: por favor)?(?: ?[.!?])?$|\b(?:esta"
        r"|se encuentra) (?P<who2>X\d+)\b|\b(?:pas[ae]me|comuniqueme|paseme|pongame) (?:al?"
        r"|a la) (?P<who3>[a-zX0-9 ]{2,40}?)(?= por favor| ?[,.?!]|$)",
        transfer_to(_GENERIC, _LEADING),
        unless=r"\b(?:estoy|esta) hablando con|\bhablo con (?:una? )?(?:maquina|robot|persona|grabacion)"
        r"|\bcon quien\b|\b(?:le|lo|la|les) (?:voy a |puedo )?(?:paso|comunico|transfiero|pongo|comunicar"
        r"|transferir|pasar)|\b(?:dejeme|permitame|voy a|tengo que|debo|deje que)\b|\bcon (?:tarjeta"
        r"|efectivo|mucho gusto|gusto|maquinas|robots?)|\bpoder hablar|\bquiere hablar\b|\bdesea hablar\b",
    ),
    rule(
        r"\b(?:llam\w+|marqu\w+|intent\w+|vuelva a (?:llamar|marcar)"
        r"|prueb\w+)(?: \w+){0,2}? (?P<when>(?:mas tarde|luego|despues|manana|pasado|a partir|a las?"
        r"|en (?:un|una|unos|media|\d+)|por la (?:tarde|manana|noche)|antes|entre|otro dia|otro momento"
        r"|el D\d|D\d|desde las?|cuando)\b[a-zDTN0-9 ]*)|\b(?:vuelva|vuelvan) a (?:llamar|marcar"
        r"|intentar)|\bllame(?:me|nos)? (?:de nuevo|otra vez)",
        call_back,
        unless=r"\bno (?:me |nos |lo )?(?:vuelv|llam)|\b(?:le|lo|la|los|te) (?:llam|marc|devolv)|\b(?:quien"
        r"|cuando|donde|para|por) (?:\w+ )?llam|\bquiere que (?:le|lo|la)|\bgracias por|\bnosotros (?:le"
        r"|lo)|\ble llamamos|\bpuedo llamar",
    ),
    rule(
        r"\bno (?:me|nos) interesa\b|\bno estoy interesad[oa]|\bno estamos interesad[oa]s|\bninguna oferta",
        refuse("not_interested"),
    ),
    rule(
        r"\bno (?:podemos |puedo )?(?:tomamos|aceptamos|hacemos|damos|manejamos|trabajamos con|atendemos"
        r"|recibimos|tomar|aceptar|hacer|dar|ofrecemos|proporcionamos) (?:ningun\w* |esa |ese |mas |con "
        r"|a )?(?:reserv\w+|reservaciones|citas|pacientes|robots?|maquinas|informacion|llamadas|seguros?"
        r"|datos|pedidos|grupos)(?: \w+){0,3} ?(?:por telefono|telefonic\w+|nuevos|nuevas|automatic\w+)?"
        r"|\bsolo (?:(?:por|en|a traves de)(?: la| el| nuestra| su)? (?:internet|linea|web|pagina"
        r"|aplicacion|app|persona)|(?:aceptamos|atendemos|tomamos)? ?(?:sin reserva|por orden de llegada"
        r"|presencial\w*))|\bpor orden de llegada|\bpor orden de llegada|\b(?:tiene|tendria|debe"
        r"|hay) que (?:reservar|hacerl[oa]|hacer|sacar|pedir)(?: \w+){0,4} (?:internet|linea|pagina|web"
        r"|app|aplicacion|persona|presencial\w*)|\bsin reserva\b",
        refuse("not_by_phone"),
    ),
    rule(r"\b(?:voy a colgar|dejeme en paz|vayase|no moleste)\b", refuse("hostile")),
)


def _service(match: re.Match[str], scene: Scene) -> WantBooking:
    """WantBooking with what it is for, in their words."""
    found = re.search(
        r"\bcita (?:para (?:una?|el|la|mi) |de )(?P<s>[a-z]+(?: (?:de |dental )?[a-z]+)?)", scene.text
    ) or re.search(
        r"\b(?:una?) (?P<s>(?:limpieza|revision|consulta|corte|masaje|extraccion|manicura|pedicura|vacuna"
        r"|radiografia|ecografia|sesion)(?: (?:dental|general|de [a-z]+))?)\b",
        scene.text,
    )
    return WantBooking(service=found["s"].strip() if found else None)


INBOUND = (
    rule(
        r"\b(?:cambiar|mover|reprogram\w+|reagend\w+|posponer|aplazar|pasar|adelantar|modificar|recorrer"
        r"|atrasar|trasladar)(?: \w+){0,3} (?:cita|reserva|reservacion|hora|fecha|consulta|turno|dia|mesa"
        r"|horario)\b|\breprogram\w+|\breagend\w+|\bcambiarla\b|\bmoverla\b|\bpara otro dia\b",
        fixed(WantReschedule()),
    ),
    rule(
        r"\b(?:cancel\w+|anul\w+|dar de baja)(?: \w+){0,3} (?:cita|reserva|reservacion|turno|consulta"
        r"|mesa|habitacion)\b|\b(?:quiero|quisiera|necesito|deseo|tengo que|queria|puedo"
        r"|podria) (?:cancelar|anular)|\bno (?:voy a|podre|puedo|vamos a|podremos) (?:poder )?(?:ir"
        r"|asistir|acudir|llegar|presentarme)",
        fixed(WantCancel()),
        unless=r"\breprogram|\breagend|\bcambiar|\bmover|\bpolitica|\bcobran|\bcomo (?:puedo )?cancel",
    ),
    rule(
        r"\b(?:reserv(?:ar|acion|a)|hacer|pedir|agendar|sacar|programar|solicitar|concertar|apartar"
        r"|quiero|quisiera|necesito|queria|querria|deseo|me gustaria|hay|tienen|tendran|tendrian|marcar"
        r"|coger|obtener)(?: \w+){0,4} (?:una? |la )?(?:cita|reserva|reservacion|mesa|turno|hora"
        r"|habitacion|consulta|limpieza|corte|disponibilidad|hueco|espacio|lugar)\b|\b(?:reservar|agendar"
        r"|apartar)\b|\bpedir (?:cita|hora|turno)|\b(?:tienen|hay|tendran|habra|tendria) (?:algo|algun)\b",
        _service,
        unless=r"\bcancel|\banul|\bcambi|\bmover|\breprogram|\breagend|\bya tengo|\btengo una (?:cita|reserva)"
        r"|\bmensaje|\brecado|\bque hora|\bconfirmar (?:mi|la|una)|\bmodificar|\bestacionamiento",
    ),
    rule(
        r"\b(?:dejar(?:le)?|deje|tomar|pasar|dar|enviar|dejo)(?: \w+){0,3} (?:mensaje|recado"
        r"|aviso)\b(?:(?: para [a-zX0-9]+)?(?: de)? (?:que|diciendo|:|,) ?(?P<text>.+))?"
        r"|\b(?P<text3>(?:dig\w+le|dile|avis\w+le|avise|comentele) a (?!l\b|la\b|los\b|las\b)[a-zX0-9]+"
        r" (?:de )?que .+)|\b(?:dig\w+"
        r"|avis\w+|coment\w+|inform\w+)le ?(?:a [a-zX0-9 ]+? )?(?:que )(?P<text2>.+)|\bque me (?:llame"
        r"|llamen|devuelva|devuelvan|marque|marquen)\b",
        message,
    ),
)
