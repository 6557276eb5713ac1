// One file to the server, with the progress of its upload: `fetch` tells none, so this is an XMLHttpRequest.

const csrf = document.querySelector('meta[name="csrf-token"]').content;

/**
 * Send a file.
 * @param {string} address where to
 * @param {File} file
 * @param {{onProgress: (share: number) => void, onSent: () => void}} told share from 0 to 1; `onSent`: all is up, the server reads
 * @returns {{done: Promise<object>, cancel: () => void}} `done` gives the server's JSON, or fails with {code, message}
 */
export function send(address, file, { onProgress, onSent }) {
  const request = new XMLHttpRequest();
  const done = new Promise((resolve, reject) => {
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    request.upload.addEventListener("load", onSent);
    request.addEventListener("load", () => {
      const value = request.response;
      if (request.status === 200 && value) resolve(value);
      else reject(value?.error ?? { code: "unknown", message: "" });
    });
    request.addEventListener("error", () => reject({ code: "offline", message: "" }));
    request.addEventListener("abort", () => reject({ code: "cancelled", message: "" }));
  });
  request.open("POST", address);
  request.responseType = "json";
  request.setRequestHeader("Accept", "application/json");
  request.setRequestHeader("X-CSRF-Token", csrf);
  const form = new FormData();
  form.append("file", file, file.name);
  request.send(form);
  return { done, cancel: () => request.abort() };
}
