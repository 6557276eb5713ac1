// The errand of a call in which the person at the microphone is called: a short form over an example.

const NUMBERS = new Set(["party_size"]);
const FIELDS = [
  "business_name",
  "user_name",
  "task_description",
  "appointment_date",
  "appointment_time",
  "party_size",
  "time_preference_text",
];

/** The form. `examples[language][kind]` fill its fields whenever kind or language is chosen. */
export class Task {
  #form;
  #examples;
  #summary;
  #language;

  constructor(form, summary, examples, language) {
    this.#form = form;
    this.#summary = summary;
    this.#examples = examples;
    this.#language = language;
    form.addEventListener("input", ({ target }) => (target.name === "task_category" ? this.#fill() : this.#sum()));
    this.#fill();
  }

  get #kind() {
    return this.#form.elements.task_category.value;
  }

  /** Another language of the call: its examples. */
  speak(language) {
    this.#language = language;
    this.#fill();
  }

  /** The fields of a submission; what is empty is left out. */
  read() {
    const task = { task_category: this.#kind, call_language: this.#language };
    for (const name of FIELDS) {
      const value = this.#form.elements[name].value.trim();
      if (value !== "" && this.#isAsked(name)) task[name] = NUMBERS.has(name) ? Number(value) : value;
    }
    return task;
  }

  #isAsked(name) {
    return name !== "party_size" || this.#kind !== "clinic";
  }

  #fill() {
    const example = this.#examples[this.#language][this.#kind];
    for (const name of FIELDS) this.#form.elements[name].value = example[name] ?? "";
    this.#form.elements.party_size.closest(".field").hidden = !this.#isAsked("party_size");
    this.#sum();
  }

  #sum() {
    this.#summary.textContent = this.#form.elements.task_description.value;
  }
}
