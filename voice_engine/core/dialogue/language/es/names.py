"""Spanish cues of names and the words that are none."""

import re

from voice_engine.core.dialogue.language.names import NameGrammar

_NOT_NAMES = (
    "un una unos unas el la los las lo le les se me te nos mi mis tu tus su sus este esta esto ese "
    "esa eso aquel y e o u ni pero si no que quien cual como cuando donde cuanto cuantos porque por "
    "para con sin en a al del es soy eres son somos era fue sera seria estoy esta estamos estan hay "
    "ha he han tengo tiene tenemos tienen puedo puede podemos pueden quiero quiere quisiera queremos "
    "necesito necesita gusta gustaria hola buenos buenas buen buena dias tardes noches gracias favor "
    "claro vale bueno bien perfecto listo correcto exacto cierto verdad ok okey perdon disculpe "
    "momento momentito segundo minuto ya muy mas menos todo toda todos nada algo alguien nadie aqui "
    "alli ahi ahora luego hoy manana ayer lunes martes miercoles jueves viernes sabado domingo enero "
    "febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre mesa mesas "
    "reserva reservacion cita habitacion nombre apellido numero telefono persona personas restaurante "
    "hotel clinica consultorio doctor doctora medico recepcion gerente maquina robot grabacion "
    "asistente cliente paciente nuevo nueva lleno completo ocupado disponible libre cerrado abierto "
    "confirmado confirmada usted ustedes yo ella ellos nosotros hablar habla llamo llama llamando "
    "llamar parte seria usted senor senora senorita dia hora fecha tarde noche codigo"
)

NAMES = NameGrammar(
    cue=re.compile(
        r"\b(?:(?:mi|su|el|tu) (?:nombre|apellido)(?: completo| de pila)? (?:es|seria)(?: ,)?|me llamo"
        r"|se llama|(?:a|al|bajo el|en el|con el|bajo|en) nombre (?:de|del)(?: (?:senor|senora|la senora"
        r"|el senor))?"
        r"|(?:le|les) (?:habla|atiende|saluda)|nombre de|apellido es|(?:senor|senora|senorita|don|dona)"
        r"|le habla|con el doctor|con la doctora|doctora?) "
    ),
    soft_cue=re.compile(r"\b(?:soy|habla|de parte de|es|atiende|nombre|pongalo a) "),
    not_names=frozenset(_NOT_NAMES.split()),
    particles=frozenset(["de", "la", "del", "los", "las", "y", "san", "santa"]),
    answer_lead=re.compile(
        r"(?:(?:si|claro|eh|ah|es|soy|seria|a nombre de|al nombre de|nombre|mi|me|llamo|mi nombre es"
        r"|me llamo|el|a|de|pongalo|ponga|,|\.|senor|senora) )*"
    ),
    soft_end=re.compile(
        r"(?= ?(?:[,.?!]|$| de (?:la|el|recepcion|parte)| le | para servirle| quien| habla| y (?:quiero|llamo"
        r"|quisiera|necesito)))"
    ),
)
