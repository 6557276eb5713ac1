// A message that is played counts as heard; the page says so without starting it anew.
document.addEventListener(
  "play",
  async (event) => {
    const audio = event.target;
    const id = audio.dataset?.unheard;
    if (!id) return;
    delete audio.dataset.unheard;
    const csrf = document.querySelector('meta[name="csrf-token"]').content;
    const answer = await fetch(`/app/voicemails/${id}/heard`, {
      method: "POST",
      headers: { "X-CSRF-Token": csrf, "HX-Request": "true" },
      body: new URLSearchParams({ heard: "yes" }),
    });
    if (!answer.ok) return;
    const card = audio.closest(".message");
    card.classList.remove("unheard");
    card.querySelector("h2 .chip")?.remove();
  },
  true,
);
