"""Words of the prompt's pages."""

from voice_engine.web.dashboard.words import Words

_EN = {
    "pr_lead": (
        "What the assistant is told to be and to do. Settings keep their sections up to date; your own lines stay."
    ),
    "pr_text": "Instructions",
    "pr_at": "version {version}",
    "pr_hint": "Write wherever you like, inside sections too. What a setting says changes with that setting only.",
    "pr_preview": "See what would change",
    "pr_conflict": (
        "It is at version {version} now. Your text is still here, and below is what saving it would change. "
        "Save again to replace theirs; nothing is lost, every version is kept."
    ),
    "pr_outline": "Where each line comes from",
    "pr_outline_hint": "Change a managed line by its setting, and it stays true.",
    "pr_managed": "kept up to date by a setting",
    "pr_own": "your own line",
    "pr_own_block": "Your own text",
    "pr_again": "Rewrite",
    "pr_again_model": (
        "A language model writes these sections from what you say of your business. You see the "
        "change before you use it."
    ),
    "pr_again_rules": "These sections are written anew from your settings. You see the change before you use it.",
    "pr_propose": "Propose",
    "pr_history": "Versions",
    "pr_history_lead": "Every text that the instructions have had, who made it and why.",
    "pr_history_none": (
        "There is one version so far, and it is not written down yet: the first change makes the second."
    ),
    "pr_all": "All versions",
    "pr_older": "Older ones",
    "pr_back": "Back to the instructions",
    "pr_from": "From",
    "pr_to": "To",
    "pr_version": "Version",
    "pr_what": "What",
    "pr_who": "Who",
    "pr_lines": "Lines",
    "pr_do": "Actions",
    "pr_you": "You",
    "pr_nobody": "Automatic",
    "pr_changes": "Changes",
    "pr_restore": "Restore",
    "pr_compare": "Compare the two chosen",
    "pr_gave_way": "Gave way: {lines}",
    "pr_compared": "Version {first} to {second}",
    "pr_beginning": "Version {second}, the first",
    "pr_compared_lead": "Removed lines are marked −, added ones +; within a line the words that changed.",
    "pr_counts": "Lines added: {added}. Lines removed: {removed}.",
    "pr_added": "Added",
    "pr_removed": "Removed",
    "pr_folded": "Unchanged lines: {lines}",
    "pr_no_changes": "Nothing would change: the texts are the same.",
    "pr_restore_n": "Restore version {version}",
    "pr_restore_lead": (
        "This is what would change in the present text, version {version}. It becomes a new version."
    ),
    "pr_today": "With today's facts",
    "pr_then": "Exactly as it was",
    "pr_today_text": (
        "Hours, address, transfers and tools are said as they are set now; everything else comes back."
    ),
    "pr_then_text": "Word for word, also where it says hours or an address that are no longer true.",
    "pr_restore_go": "Restore it",
    "pr_displaced": "These lines of yours give way:",
    "pr_proposal": "Proposed text",
    "pr_proposal_lead": "Nothing is changed until you use it.",
    "pr_take": "Use this text",
    "pr_another": "Propose another",
    "pr_leave": "Leave it as it is",
    "section_persona": "Persona",
    "section_context": "About the business",
    "section_hours": "Business hours",
    "section_address": "Address",
    "section_handling": "Call handling",
    "section_tools": "Tools",
    "reason_created": "First text",
    "reason_replaced": "Edited",
    "reason_regenerated": "Rewritten",
    "reason_restored": "Old version restored",
    "reason_business_hours": "Hours changed",
    "reason_business_info": "Business described",
    "reason_business_address": "Address changed",
    "reason_transfer_number": "Transfer number changed",
    "reason_assistant_name": "Name changed",
    "reason_voice": "Voice changed",
    "reason_language": "Language changed",
    "reason_knowledge": "Knowledge came or went",
    "done_prompt": "The instructions are saved.",
    "done_restored": "The old text is back, as a new version.",
    "done_regenerated": "The new text is in the instructions.",
    "error_version_conflict": "The instructions have changed meanwhile, so nothing was done. Look at them again.",
    "error_revision_not_found": "The instructions have no such version.",
    "error_llm_failed": "The language model gave no usable text. Nothing was changed; try again in a moment.",
    "error_rate_limited": "Too often in a short time. Try again later.",
}
_ES = {
    "pr_lead": (
        "Lo que se le dice al asistente que sea y haga. Los ajustes mantienen sus secciones; tus líneas se quedan."
    ),
    "pr_text": "Instrucciones",
    "pr_at": "versión {version}",
    "pr_hint": (
        "Escribe donde quieras, también dentro de las secciones. Lo que dice un ajuste cambia solo con ese ajuste."
    ),
    "pr_preview": "Ver qué cambiaría",
    "pr_conflict": (
        "Ahora va por la versión {version}. Tu texto sigue aquí, y debajo está lo que cambiaría al guardarlo. "
        "Guarda otra vez para poner el tuyo; no se pierde nada, se conservan todas las versiones."
    ),
    "pr_outline": "De dónde viene cada línea",
    "pr_outline_hint": "Cambia una línea gestionada en su ajuste y seguirá siendo cierta.",
    "pr_managed": "la mantiene un ajuste",
    "pr_own": "línea tuya",
    "pr_own_block": "Texto tuyo",
    "pr_again": "Reescribir",
    "pr_again_model": (
        "Un modelo de lenguaje redacta estas secciones con lo que dices de tu negocio. Ves el "
        "cambio antes de usarlo."
    ),
    "pr_again_rules": "Estas secciones se redactan de nuevo con tus ajustes. Ves el cambio antes de usarlo.",
    "pr_propose": "Proponer",
    "pr_history": "Versiones",
    "pr_history_lead": "Todos los textos que han tenido las instrucciones, quién los hizo y por qué.",
    "pr_history_none": "Por ahora hay una versión, aún sin anotar: el primer cambio hace la segunda.",
    "pr_all": "Todas las versiones",
    "pr_older": "Anteriores",
    "pr_back": "Volver a las instrucciones",
    "pr_from": "De",
    "pr_to": "A",
    "pr_version": "Versión",
    "pr_what": "Qué",
    "pr_who": "Quién",
    "pr_lines": "Líneas",
    "pr_do": "Acciones",
    "pr_you": "Tú",
    "pr_nobody": "Automático",
    "pr_changes": "Cambios",
    "pr_restore": "Restaurar",
    "pr_compare": "Comparar las dos elegidas",
    "pr_gave_way": "Cedió: {lines}",
    "pr_compared": "De la versión {first} a la {second}",
    "pr_beginning": "Versión {second}, la primera",
    "pr_compared_lead": (
        "Las líneas quitadas llevan −, las añadidas +; dentro de una línea, las palabras que cambiaron."
    ),
    "pr_counts": "Líneas añadidas: {added}. Líneas quitadas: {removed}.",
    "pr_added": "Añadida",
    "pr_removed": "Quitada",
    "pr_folded": "Líneas sin cambios: {lines}",
    "pr_no_changes": "No cambiaría nada: los textos son iguales.",
    "pr_restore_n": "Restaurar la versión {version}",
    "pr_restore_lead": (
        "Esto cambiaría en el texto de ahora, la versión {version}. Se convierte en una versión nueva."
    ),
    "pr_today": "Con los datos de hoy",
    "pr_then": "Tal como era",
    "pr_today_text": "Horario, dirección, desvíos y herramientas se dicen como están ahora; todo lo demás vuelve.",
    "pr_then_text": "Palabra por palabra, también donde dice un horario o una dirección que ya no valen.",
    "pr_restore_go": "Restaurarla",
    "pr_displaced": "Estas líneas tuyas ceden:",
    "pr_proposal": "Texto propuesto",
    "pr_proposal_lead": "No cambia nada hasta que lo uses.",
    "pr_take": "Usar este texto",
    "pr_another": "Proponer otro",
    "pr_leave": "Dejarlo como está",
    "section_persona": "Personalidad",
    "section_context": "Sobre el negocio",
    "section_hours": "Horario",
    "section_address": "Dirección",
    "section_handling": "Gestión de llamadas",
    "section_tools": "Herramientas",
    "reason_created": "Primer texto",
    "reason_replaced": "Editado",
    "reason_regenerated": "Reescrito",
    "reason_restored": "Versión anterior restaurada",
    "reason_business_hours": "Cambio de horario",
    "reason_business_info": "Negocio descrito",
    "reason_business_address": "Cambio de dirección",
    "reason_transfer_number": "Cambio del número de destino",
    "reason_assistant_name": "Cambio de nombre",
    "reason_voice": "Cambio de voz",
    "reason_language": "Cambio de idioma",
    "reason_knowledge": "Conocimiento añadido o retirado",
    "done_prompt": "Las instrucciones están guardadas.",
    "done_restored": "El texto anterior ha vuelto, como versión nueva.",
    "done_regenerated": "El texto nuevo está en las instrucciones.",
    "error_version_conflict": (
        "Las instrucciones han cambiado entretanto, así que no se ha hecho nada. Míralas otra vez."
    ),
    "error_revision_not_found": "Las instrucciones no tienen esa versión.",
    "error_llm_failed": "El modelo no ha dado un texto utilizable. No ha cambiado nada; prueba en un momento.",
    "error_rate_limited": "Demasiadas veces en poco tiempo. Prueba más tarde.",
}
WORDS: Words = {"en": _EN, "es": _ES}
