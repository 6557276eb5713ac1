// The doctor's page: findings as the server makes them, one line each.

const section = document.getElementById("installation");
const button = section.querySelector("[data-look]");
const list = section.querySelector("[data-findings]");
const said = section.querySelector("[data-said]");
const LOOKS = { ok: "good", warning: "warn", problem: "fault" };

function line({ subject, verdict, detail, fix }) {
  const item = document.createElement("li");
  item.dataset.verdict = verdict;
  const chip = document.createElement("span");
  chip.className = `chip ${LOOKS[verdict]}`;
  chip.textContent = section.dataset[verdict];
  chip.lang = document.documentElement.lang;
  const text = document.createElement("p");
  const name = document.createElement("strong");
  name.textContent = subject;
  text.append(name, ` ${detail}`);
  if (fix) {
    const mend = document.createElement("span");
    mend.className = "hint";
    mend.textContent = ` → ${fix}`;
    text.append(mend);
  }
  item.append(chip, text);
  return item;
}

function look() {
  const counts = { ok: 0, warning: 0, problem: 0 };
  const source = new EventSource(section.dataset.source);
  list.replaceChildren();
  button.disabled = true;
  said.textContent = section.dataset.looking;
  const end = (text) => {
    source.close();
    button.disabled = false;
    button.textContent = section.dataset.again;
    said.textContent = text;
  };
  source.addEventListener("finding", (event) => {
    const finding = JSON.parse(event.data);
    counts[finding.verdict] += 1;
    list.append(line(finding));
  });
  source.addEventListener("done", () => {
    const count = counts.ok + counts.warning + counts.problem;
    end(section.dataset.done.replace("{count}", count).replace("{problems}", counts.problem).replace("{warnings}", counts.warning));
  });
  source.addEventListener("error", () => end(section.dataset.broke));
}

button.addEventListener("click", look);
