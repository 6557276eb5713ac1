// Captions: the lines of a `Conversation` as elements. Only what is new is touched, so that a long call stays smooth.

const NEAR_END_PX = 80;

/** Draws into the list `lines`; `said` is read aloud by screen readers, one finished line at a time. */
export class Captions {
  #lines;
  #said;
  #words;
  #names;
  #shown = new Map();

  constructor({ lines, said, words, names }) {
    this.#lines = lines;
    this.#said = said;
    this.#words = words;
    this.#names = names;
  }

  draw(conversation) {
    const follows = this.#isAtEnd();
    const present = new Set();
    for (const line of conversation.lines) {
      present.add(line.id);
      this.#drawLine(line);
    }
    for (const [id, { element }] of this.#shown) {
      if (present.has(id)) continue;
      element.remove();
      this.#shown.delete(id);
    }
    if (follows) this.#lines.scrollTop = this.#lines.scrollHeight;
  }

  #isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#lines;
    return scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  }

  #drawLine(line) {
    const known = this.#shown.get(line.id);
    if (known?.version === line.version) return;
    const element = known?.element ?? this.#lines.appendChild(document.createElement("li"));
    this.#shown.set(line.id, { element, version: line.version });
    element.className = `line ${line.who} ${line.state}`;
    if (line.who === "note") {
      element.textContent = this.#note(line);
      return;
    }
    const { solid, rest, struck } = parts(line);
    element.replaceChildren(
      piece("span", "line-who", this.#names[line.who]),
      piece("span", "line-text", "", [
        solid && piece("span", "solid", solid),
        solid && (rest || struck) && " ",
        rest && piece("span", "rest", rest),
        struck && piece("s", "struck", struck),
      ]),
      ...this.#tags(line),
    );
    if (line.state === "done") this.#speak(line, solid);
  }

  #tags(line) {
    const tags = [];
    if (line.interrupted && line.bargedIn) tags.push(piece("span", "tag", this.#words.barged_in));
    else if (line.held) tags.push(piece("span", "tag", this.#words.held));
    return tags;
  }

  #note({ kind, facts }) {
    const word = this.#words[`note_${kind}`] ?? kind;
    return word.replace(/\{(\w+)\}/g, (_, name) => String(facts[name] ?? ""));
  }

  #speak(line, text) {
    const spoken = piece("p", "", `${this.#names[line.who]}: ${text}`);
    this.#said.append(spoken);
    while (this.#said.childElementCount > 2) this.#said.firstElementChild.remove();
  }
}

/** A line's text as far as it was spoken, what is to come, and what never was. */
function parts(line) {
  if (line.who !== "engine") return { solid: line.text, rest: "", struck: "" };
  const solid = line.text.slice(0, line.spoken);
  const after = line.text.slice(line.spoken).trimStart();
  return line.interrupted ? { solid, rest: "", struck: after } : { solid, rest: after, struck: "" };
}

function piece(tag, classes, text, children = []) {
  const element = document.createElement(tag);
  if (classes) element.className = classes;
  if (text) element.textContent = text;
  element.append(...children.filter(Boolean));
  return element;
}
