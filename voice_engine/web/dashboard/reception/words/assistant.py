"""Words of the assistant's page."""

from voice_engine.web.dashboard.words import Words

_EN = {
    "as_lead": "Who answers your calls, what it says first, and how it sounds.",
    "as_greeting": "Greeting",
    "as_mode": "Who speaks first",
    "mode_assistant-speaks-first": "It greets",
    "mode_assistant-speaks-first_text": "The caller hears your greeting at once, word for word.",
    "mode_assistant-waits-for-user": "It waits",
    "mode_assistant-waits-for-user_text": (
        "The caller hears nothing and speaks first; after 15 seconds of silence it asks “Hello?”. "
        "Its first answer says who it is."
    ),
    "mode_assistant-speaks-first-with-model-generated-message": "It greets in its own words",
    "mode_assistant-speaks-first-with-model-generated-message_text": (
        "A language model words an opening for each call; when it takes more than two seconds, "
        "your greeting is said."
    ),
    "as_greeting_text": "Your greeting",
    "as_greeting_hint": "One or two sentences: who answers, and a question. Leave it empty for ours.",
    "as_greeting_ours": "our greeting, with your business's name",
    "as_heard": "Callers hear",
    "as_heard_nothing": "Nothing: it waits for the caller to speak. The greeting is kept for the other choices.",
    "as_heard_late": "Callers hear words of its own; when those take too long",
    "as_disclosure": (
        "The last sentence is added because the greeting does not say that an AI speaks; callers have to know."
    ),
    "as_voice": "Voice",
    "as_voice_hint": (
        "Samples are spoken by the synthesizer that speaks in calls, at telephone quality, in each "
        "language that it has."
    ),
    "as_voice_now": "in use",
    "as_no_samples": "This server has no synthesizer, so there are no samples.",
    "as_listen": "Listen",
    "as_stop": "Stop",
    "as_making_label": "The sample is being spoken",
    "as_making": "{spoken} s of about {expected} s spoken",
    "as_made": "{length} s of speech, made in {took} s ({rate}× as fast as it plays)",
    "as_kept": "kept from before: it plays at once",
    "as_failed": "The synthesizer did not answer. Try again in a moment.",
    "voice_savannah": "Warm and professional",
    "voice_james": "Deep and calm",
    "voice_chloe": "Bright and young",
    "voice_daniel": "Friendly and light",
    "voice_ruth": "Low and composed",
    "as_name": "Name",
    "as_spoken": "What it calls itself",
    "as_spoken_hint": "Your greeting and the instructions change with it, wherever the old name stands.",
    "as_language": "Language",
    "as_language_label": "Spoken with callers",
    "as_language_hint": (
        "The managed sections of the instructions and our greeting change with it; words of your "
        "own stay as you wrote them."
    ),
    "as_all": "Assistants",
    "as_primary": "primary",
    "as_calls": "Calls: {calls}",
    "as_manage": "Manage",
    "as_label": "Label in lists",
    "as_rename": "Rename",
    "as_make_primary": "Make it the primary one",
    "as_primary_sure": "{name} answers from the next call on, also on the numbers of the present primary one.",
    "as_delete_sure": (
        "{name} goes out of service with its instructions and knowledge; its numbers fall to the next assistant."
    ),
    "as_new": "One more assistant",
    "as_new_example": "Front desk",
    "as_create": "Create it",
    "as_room": "Your {plan} plan has room for {room}; {larger} has more.",
    "done_created": "Created.",
    "done_renamed": "Renamed; callers hear no difference.",
    "done_primary": "It leads now.",
    "done_deleted": "It is out of service.",
    "done_name": "Its name is saved.",
    "done_language": "Its language is saved.",
    "done_greeting": "The greeting is saved.",
    "done_voice": "The voice is saved.",
    "fault_label": "Give it a label of 1 to 60 letters.",
    "fault_too_long": "This is too long.",
    "fault_too_short": "This is too short.",
    "fault_pattern": "This has signs that are not allowed here.",
    "fault_missing": "Fill this in.",
    "fault_invalid": "This is not valid here.",
    "error_assistant_limit_reached": "Your plan has no room for another assistant.",
    "error_unknown_voice": "Choose one of the voices first.",
    "error_voice_preview_failed": "The synthesizer did not answer. Try again in a moment.",
    "conflict_empty": "(nothing)",
    "conflict_again": "Save again to replace it with yours.",
}
_ES = {
    "as_lead": "Quién atiende tus llamadas, qué dice primero y cómo suena.",
    "as_greeting": "Saludo",
    "as_mode": "Quién habla primero",
    "mode_assistant-speaks-first": "Saluda",
    "mode_assistant-speaks-first_text": "Quien llama oye tu saludo enseguida, palabra por palabra.",
    "mode_assistant-waits-for-user": "Espera",
    "mode_assistant-waits-for-user_text": (
        "Quien llama no oye nada y habla primero; tras 15 segundos de silencio pregunta «¿Hola?». "
        "Al contestar dice quién es."
    ),
    "mode_assistant-speaks-first-with-model-generated-message": "Saluda con sus palabras",
    "mode_assistant-speaks-first-with-model-generated-message_text": (
        "Un modelo de lenguaje redacta un comienzo para cada llamada; si tarda más de dos "
        "segundos, se dice tu saludo."
    ),
    "as_greeting_text": "Tu saludo",
    "as_greeting_hint": "Una o dos frases: quién atiende y una pregunta. Déjalo vacío para usar el nuestro.",
    "as_greeting_ours": "nuestro saludo, con el nombre de tu negocio",
    "as_heard_nothing": "Nada: espera a que hable quien llama. El saludo se guarda para las otras opciones.",
    "as_heard_late": "Se oyen palabras propias; si tardan demasiado",
    "as_heard": "Se oye",
    "as_disclosure": (
        "La última frase se añade porque el saludo no dice que habla una IA; quien llama debe saberlo."
    ),
    "as_voice": "Voz",
    "as_voice_hint": (
        "Las muestras las dice el sintetizador de las llamadas, con calidad de teléfono, en cada idioma que tiene."
    ),
    "as_voice_now": "en uso",
    "as_no_samples": "Este servidor no tiene sintetizador, así que no hay muestras.",
    "as_listen": "Escuchar",
    "as_stop": "Parar",
    "as_making_label": "Se está diciendo la muestra",
    "as_making": "{spoken} s dichos de unos {expected} s",
    "as_made": "{length} s de voz, hechos en {took} s ({rate}× más rápido de lo que suenan)",
    "as_kept": "guardada de antes: suena enseguida",
    "as_failed": "El sintetizador no ha contestado. Prueba en un momento.",
    "voice_savannah": "Cálida y profesional",
    "voice_james": "Grave y tranquila",
    "voice_chloe": "Clara y joven",
    "voice_daniel": "Amable y ligera",
    "voice_ruth": "Baja y serena",
    "as_name": "Nombre",
    "as_spoken": "Cómo se llama",
    "as_spoken_hint": (
        "Tu saludo y la personalidad de las instrucciones cambian con él, dondequiera que esté el nombre anterior."
    ),
    "as_language": "Idioma",
    "as_language_label": "Idioma de las llamadas",
    "as_language_hint": (
        "Las secciones gestionadas de las instrucciones y nuestro saludo cambian con él; lo que "
        "escribiste tú se queda igual."
    ),
    "as_all": "Asistentes",
    "as_primary": "principal",
    "as_calls": "Llamadas: {calls}",
    "as_manage": "Gestionar",
    "as_label": "Nombre en las listas",
    "as_rename": "Cambiar nombre",
    "as_make_primary": "Hacerlo principal",
    "as_primary_sure": "{name} atiende desde la próxima llamada, también en los números del principal de ahora.",
    "as_delete_sure": (
        "{name} deja de atender, con sus instrucciones y su conocimiento; sus números pasan al siguiente."
    ),
    "as_new": "Otro asistente",
    "as_new_example": "Recepción",
    "as_create": "Crearlo",
    "as_room": "En tu plan {plan} caben {room}; en {larger} caben más.",
    "done_created": "Creado.",
    "done_renamed": "Nombre cambiado; quien llama no nota nada.",
    "done_primary": "Ahora es el principal.",
    "done_deleted": "Ya no atiende.",
    "done_name": "El nombre está guardado.",
    "done_language": "El idioma está guardado.",
    "done_greeting": "El saludo está guardado.",
    "done_voice": "La voz está guardada.",
    "fault_label": "Dale un nombre de 1 a 60 letras.",
    "fault_too_long": "Es demasiado largo.",
    "fault_too_short": "Es demasiado corto.",
    "fault_pattern": "Tiene signos que aquí no valen.",
    "fault_missing": "Rellena esto.",
    "fault_invalid": "Esto no vale aquí.",
    "error_assistant_limit_reached": "En tu plan no cabe otro asistente.",
    "error_unknown_voice": "Elige primero una de las voces.",
    "error_voice_preview_failed": "El sintetizador no ha contestado. Prueba en un momento.",
    "conflict_empty": "(nada)",
    "conflict_again": "Guarda otra vez para poner lo tuyo en su lugar.",
}
WORDS: Words = {"en": _EN, "es": _ES}
