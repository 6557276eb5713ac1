// Which microphone: the browser's own choice, until somebody chooses another for this visit.

const KEY = "microphone";

/** The id of the chosen one; null: the browser's. */
export function chosenMicrophone() {
  try {
    return sessionStorage.getItem(KEY) || null;
  } catch {
    return null; // a browser that keeps nothing
  }
}

export function chooseMicrophone(id) {
  try {
    if (id) sessionStorage.setItem(KEY, id);
    else sessionStorage.removeItem(KEY);
  } catch {
    // the browser's own, then
  }
}

/** Fill `select` with the microphones there are; `field` around it is hidden where there is nothing to choose. Their names
    are told after the permission only. */
export async function offerMicrophones(field, select) {
  const devices = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
  const inputs = devices.filter(({ kind, deviceId, label }) => kind === "audioinput" && deviceId && label);
  field.hidden = inputs.length < 2;
  if (field.hidden) return;
  select.replaceChildren(...inputs.map(({ deviceId, label }) => new Option(label, deviceId)));
  const chosen = chosenMicrophone();
  if (inputs.some(({ deviceId }) => deviceId === chosen)) select.value = chosen;
}
