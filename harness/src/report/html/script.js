'use strict';
(() => {
  const form = document.getElementById('filters');
  const groups = [...document.querySelectorAll('.group')].map((group) => ({
    group,
    verdict: group.dataset.verdict,
    cases: [...group.querySelectorAll(':scope > .case')],
  }));
  const total = groups.reduce((sum, { cases }) => sum + cases.length, 0);
  const texts = new Map();
  // What a case says without its exchanges, read when it is first asked for.
  const text = (one) => {
    if (!texts.has(one)) {
      const parts = one.querySelectorAll(':scope > summary, :scope > .body > p, :scope > .body > .check');
      texts.set(one, [...parts].map((part) => part.textContent).join(' ').toLowerCase());
    }
    return texts.get(one);
  };
  const filter = () => {
    const verdicts = new Set([...form.querySelectorAll('[name=verdict]:checked')].map((box) => box.value));
    const wanted = form.elements.document.value;
    const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const { group, verdict, cases } of groups) {
      let some = 0;
      for (const one of cases) {
        const fits = verdicts.has(verdict)
          && (!wanted || one.dataset.documents.split(' ').includes(wanted))
          && words.every((word) => text(one).includes(word));
        one.hidden = !fits;
        some += fits ? 1 : 0;
      }
      group.hidden = some === 0;
      shown += some;
    }
    form.elements.shown.value = `${shown} of ${total} cases`;
    document.getElementById('nothing').hidden = shown > 0;
  };
  // A link to a case opens it, also where a filter hides it.
  const follow = () => {
    let name;
    try {
      name = decodeURIComponent(location.hash.slice(1));
    } catch {
      return;
    }
    const one = name && document.getElementById(name);
    if (!one) return;
    if (one.closest('[hidden]')) {
      form.reset();
      filter();
    }
    for (let at = one; at; at = at.parentElement) {
      if (at instanceof HTMLDetailsElement) at.open = true;
    }
    one.scrollIntoView();
    // What comes into view for the first time may be taller than it was taken for.
    requestAnimationFrame(() => one.scrollIntoView());
    one.querySelector('summary')?.focus({ preventScroll: true });
  };
  // The clipboard may be asked for in vain, or without an answer, where the page is a file; this way
  // says at once whether it worked.
  const copiedAsText = (line) => {
    const area = document.createElement('textarea');
    area.value = line;
    area.className = 'unseen';
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  };
  const copied = async (line) => {
    if (copiedAsText(line)) return true;
    try {
      await navigator.clipboard.writeText(line);
      return true;
    } catch {
      return false;
    }
  };
  document.addEventListener('click', async (event) => {
    const button = event.target.closest?.('button.copy');
    if (!button) return;
    const line = button.closest('.exchange').querySelector('.curl').textContent;
    button.textContent = (await copied(line)) ? 'Copied' : 'Select the text by hand';
    button.focus();
  });
  for (const button of document.querySelectorAll('button.copy')) button.hidden = false;
  form.hidden = false;
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('input', filter);
  form.addEventListener('reset', () => setTimeout(filter));
  addEventListener('hashchange', follow);
  addEventListener('beforeprint', () => {
    for (const { verdict, cases } of groups) {
      if (verdict === 'passed' || verdict === 'skipped') continue;
      for (const one of cases) if (!one.hidden) one.open = true;
    }
  });
  filter();
  follow();
})();
