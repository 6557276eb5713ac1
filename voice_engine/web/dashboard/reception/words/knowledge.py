"""Words of the knowledge pages."""

from voice_engine.web.dashboard.words import Words

_EN = {
    "kb_lead": (
        "What callers ask about, in your own words. The assistant looks it up during the call and "
        "says only what is here."
    ),
    "kb_ask": "Try a question",
    "kb_ask_hint": "The same search and the same dialogue as in a call, without the call.",
    "kb_question": "A caller's question",
    "kb_example": "Do you have parking?",
    "kb_ask_go": "Ask",
    "kb_ask_empty": "Type a question first.",
    "kb_would_say": "It would say",
    "kb_says_nothing": "(nothing: it waits for more)",
    "kb_from_settings": (
        "This comes from what the assistant knows by heart (hours, address, its task), not from a section."
    ),
    "kb_nothing_found": "No section answers this. Write it down below, and ask again.",
    "kb_same_words": (
        "The sentence is taken from the first passage as it stands; the words around it vary from call to call."
    ),
    "kb_model_words": (
        "A language model words this in calls, by the same passages; when it is late, exactly this is said."
    ),
    "kb_which": "Passages that answer",
    "kb_spoken": "spoken from this",
    "kb_score": "match",
    "kb_sections": "Sections",
    "kb_passages": "Passages: {passages}",
    "kb_and_text": "text",
    "kb_none": (
        "Nothing is written down yet. Upload a price list or type what callers ask most often: "
        "parking, prices, insurance."
    ),
    "kb_upload": "Upload",
    "kb_choose": "Choose files",
    "kb_choose_other": "Replace the file",
    "kb_drop": "or drop them here. PDF, DOCX, CSV or TXT, at most 10 MB each.",
    "kb_live": (
        "Calls find it as soon as it is ready, and no longer from the moment it is deleted, also calls that are up."
    ),
    "kb_uploading": "{percent} % uploaded",
    "kb_extracting": "Reading the text…",
    "kb_ready": "Ready as “{label}”. Passages that calls can find: {passages}.",
    "kb_large": "This file has more than 10 MB. Send a part of it.",
    "kb_broken": "The upload broke off. Check the connection and try again.",
    "kb_cancelled": "Cancelled.",
    "kb_type": "Add a section",
    "kb_name": "Name of the section",
    "kb_name_example": "Prices",
    "kb_text": "Text",
    "kb_text_example": "Q: Where can I park?\nA: Behind the building, for free.",
    "kb_text_hint": "One fact a sentence is found best. Questions with their answers below them work well.",
    "kb_section_lead": "Passages that calls search: {passages}. Words in them: {words}.",
    "kb_read": "What calls find",
    "kb_read_hint": "The text as it was read, in the pieces that are searched.",
    "kb_more": "and {count} more",
    "kb_file": "File",
    "kb_size": "{kb} KB",
    "kb_rename": "Rename",
    "kb_rename_hint": "Only you see the name; its words help the search.",
    "kb_delete": "Delete",
    "kb_delete_hint": "No call finds it from that moment on, also calls that are up.",
    "kb_delete_sure": "Delete “{name}”? It cannot be brought back.",
    "kb_back": "Back to knowledge",
    "done_section": "The section is saved.",
    "done_renamed_section": "The section has its new name.",
    "done_section_deleted": "The section is deleted.",
    "fault_name": "Give it a name of letters or digits.",
    "error_section_exists": "There is a section of this name already. Rename it, or open it to change it.",
    "error_section_not_found": "There is no such section. It may have been renamed or deleted.",
    "error_file_too_large": "This file has more than 10 MB. Send a part of it.",
    "error_unsupported_file_type": "This is no PDF, DOCX, CSV or TXT file, whatever its name says.",
    "error_unreadable_file": "This file cannot be read.",
    "error_damaged": "This file is damaged and cannot be read. Save it anew and try again.",
    "error_encrypted": "This file has a password. Send it without one.",
    "error_empty": "This file is empty.",
    "error_no_text": (
        "There is no text in this file: scanned pages are pictures. Send it with text, or type what it says."
    ),
    "error_too_large": "This file is too large to be read. Send a part of it.",
}
_ES = {
    "kb_lead": (
        "Lo que preguntan, con tus palabras. El asistente lo busca durante la llamada y solo dice lo que hay aquí."
    ),
    "kb_ask": "Prueba una pregunta",
    "kb_ask_hint": "La misma búsqueda y el mismo diálogo que en una llamada, sin la llamada.",
    "kb_question": "Una pregunta de quien llama",
    "kb_example": "¿Tienen aparcamiento?",
    "kb_ask_go": "Preguntar",
    "kb_ask_empty": "Escribe primero una pregunta.",
    "kb_would_say": "Diría",
    "kb_says_nothing": "(nada: espera a oír más)",
    "kb_from_settings": "Esto lo sabe de memoria (horario, dirección, su tarea); no viene de ninguna sección.",
    "kb_nothing_found": "Ninguna sección responde a esto. Escríbelo abajo y vuelve a preguntar.",
    "kb_same_words": (
        "La frase sale tal cual del primer fragmento; las palabras de alrededor cambian de una llamada a otra."
    ),
    "kb_model_words": (
        "En las llamadas lo redacta un modelo con los mismos fragmentos; si se retrasa, se dice justo esto."
    ),
    "kb_which": "Fragmentos que responden",
    "kb_spoken": "se dice de aquí",
    "kb_score": "de coincidencia",
    "kb_sections": "Secciones",
    "kb_passages": "Fragmentos: {passages}",
    "kb_and_text": "texto",
    "kb_none": (
        "Aún no hay nada escrito. Sube una lista de precios o escribe lo que más preguntan: "
        "aparcamiento, precios, seguros."
    ),
    "kb_upload": "Subir",
    "kb_choose": "Elegir archivos",
    "kb_choose_other": "Cambiar el archivo",
    "kb_drop": "o suéltalos aquí. PDF, DOCX, CSV o TXT, de 10 MB como mucho.",
    "kb_live": (
        "Las llamadas lo encuentran en cuanto está listo, y dejan de encontrarlo al borrarlo, "
        "también las que están en curso."
    ),
    "kb_uploading": "{percent} % subido",
    "kb_extracting": "Leyendo el texto…",
    "kb_ready": "Listo como «{label}». Fragmentos que las llamadas encuentran: {passages}.",
    "kb_large": "Este archivo pasa de 10 MB. Envía una parte.",
    "kb_broken": "La subida se ha cortado. Revisa la conexión y prueba otra vez.",
    "kb_cancelled": "Cancelado.",
    "kb_type": "Añadir una sección",
    "kb_name": "Nombre de la sección",
    "kb_name_example": "Precios",
    "kb_text": "Texto",
    "kb_text_example": "P: ¿Dónde puedo aparcar?\nR: Detrás del edificio, gratis.",
    "kb_text_hint": "Un dato por frase se encuentra mejor. Las preguntas con su respuesta debajo funcionan bien.",
    "kb_section_lead": "Fragmentos en que se busca: {passages}. Palabras en ellos: {words}.",
    "kb_read": "Lo que encuentran las llamadas",
    "kb_read_hint": "El texto tal como se leyó, en los fragmentos en que se busca.",
    "kb_more": "y {count} más",
    "kb_file": "Archivo",
    "kb_size": "{kb} KB",
    "kb_rename": "Cambiar nombre",
    "kb_rename_hint": "El nombre solo lo ves tú; sus palabras ayudan a la búsqueda.",
    "kb_delete": "Eliminar",
    "kb_delete_hint": "Desde ese momento ninguna llamada lo encuentra, tampoco las que están en curso.",
    "kb_delete_sure": "¿Eliminar «{name}»? No se puede recuperar.",
    "kb_back": "Volver a conocimiento",
    "done_section": "La sección está guardada.",
    "done_renamed_section": "La sección tiene su nuevo nombre.",
    "done_section_deleted": "La sección está eliminada.",
    "fault_name": "Dale un nombre con letras o cifras.",
    "error_section_exists": "Ya hay una sección con ese nombre. Cámbialo, o ábrela para modificarla.",
    "error_section_not_found": "No existe esa sección. Puede que tenga otro nombre o se haya eliminado.",
    "error_file_too_large": "Este archivo pasa de 10 MB. Envía una parte.",
    "error_unsupported_file_type": "No es un archivo PDF, DOCX, CSV ni TXT, diga lo que diga su nombre.",
    "error_unreadable_file": "Este archivo no se puede leer.",
    "error_damaged": "Este archivo está dañado y no se puede leer. Guárdalo de nuevo y prueba otra vez.",
    "error_encrypted": "Este archivo tiene contraseña. Envíalo sin ella.",
    "error_empty": "Este archivo está vacío.",
    "error_no_text": (
        "En este archivo no hay texto: las páginas escaneadas son imágenes. Envíalo con texto o "
        "escribe lo que dice."
    ),
    "error_too_large": "Este archivo es demasiado grande para leerlo. Envía una parte.",
}
WORDS: Words = {"en": _EN, "es": _ES}
