// The list of a batch's tracks. Only the rows in sight are in the document, so ten thousand scroll as
// ten do.

const data = JSON.parse(document.getElementById('data').textContent);
const byId = (id) => document.getElementById(id);
const element = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
};
const percent = (share) => `${Math.round(100 * share)} %`;
const clock = (seconds) => {
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 60) % 60, whole % 60].map((part) => String(part).padStart(2, '0'));
  const hours = Math.floor(whole / 3600);
  return (hours ? [hours, ...parts] : [String(Number(parts[0])), parts[1]]).join(':');
};

const isClipped = (row) => row.stems.some((part) => part?.c);
const text = new Map(data.rows.map((row) => [row,
  [row.name, row.input, row.failure?.cause, row.failure?.message].join('\n').toLowerCase()]));

const names = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
const orders = [
  { name: 'order of the batch', key: null },
  { name: 'name', compare: (a, b) => names.compare(a.name, b.name) },
  { name: 'length', key: (row) => row.seconds },
  ...data.stems.flatMap((stem, index) => [
    { name: `has ${stem}`, key: (row) => row.stems[index]?.p },
    { name: `${stem}: time active`, key: (row) => row.stems[index]?.a },
    { name: `${stem}: how sure`, key: (row) => row.stems[index]?.s },
    { name: `${stem}: loudness`, key: (row) => row.stems[index]?.l },
  ]),
];

let shown = data.rows;
const state = { turned: false };

const filter = () => {
  const words = byId('search').value.toLowerCase().split(/\s+/).filter((word) => word);
  const kind = byId('state').value;
  const stem = byId('stem').value === '' ? null : Number(byId('stem').value);
  const least = Number(byId('share').value) / 100;
  byId('least').hidden = stem === null;
  byId('shown').textContent = percent(least);
  shown = data.rows.filter((row) =>
    words.every((word) => text.get(row).includes(word)) &&
    (kind === 'all' || (kind === 'failed' && row.failure) || (kind === 'separated' && !row.failure) ||
      (kind === 'clipped' && isClipped(row)) || (kind === 'warned' && row.warnings.length > 0)) &&
    (stem === null || (row.stems[stem]?.a ?? -1) >= least));
  const { key, compare } = orders[Number(byId('sort').value)];
  if (key) {
    // The greatest first, or the smallest; what has no figure comes last either way.
    const sign = state.turned ? -1 : 1;
    const none = (row) => (key(row) ?? null) === null;
    shown.sort((a, b) => none(a) || none(b) ? none(a) - none(b) : sign * (key(b) - key(a)));
  } else {
    if (compare) shown.sort(compare);
    if (state.turned) shown.reverse();
  }
  byId('facts').textContent = `${shown.length} of ${data.rows.length} tracks, ` +
    `${data.rows.filter((row) => row.failure).length} failed, ` +
    `${data.rows.filter(isClipped).length} clipped`;
  byId('list').scrollTop = 0;
  draw();
};

const partCell = (part) => {
  if (!part) return element('span', { className: 'part' }, '\u2013');
  const fill = element('i');
  fill.style.width = `${100 * part.a}%`;
  fill.style.opacity = 0.3 + 0.7 * part.s;
  const loudness = part.l === undefined ? '' : `, ${part.l} LUFS`;
  return element('span', {
    className: 'part', title: `presence ${percent(part.p)}, active ${percent(part.a)} of the time, masks ${percent(part.s)} sure${loudness}`,
  }, element('b', {}, fill), element('small', {}, percent(part.a), part.c ? ' clipped' : ''));
};

const makeRow = (row, index, height) => {
  const name = row.page ? element('a', { href: row.page }, row.name) : element('strong', {}, row.name);
  const notes = row.failure ? `${row.failure.cause}: ${row.failure.message}` : row.warnings.join('; ');
  const made = element('div', { className: row.failure ? 'row failed' : 'row', role: 'row' },
    element('span', { className: 'name', title: row.input }, name,
      element('small', {}, notes || row.input)),
    element('span', { className: 'length' }, row.seconds === undefined ? 'failed' : clock(row.seconds)));
  data.stems.forEach((stem, place) => {
    const cell = partCell(row.stems[place]);
    cell.style.setProperty('--lane', `var(--lane-${stem}, var(--lane-a))`);
    cell.dataset.stem = stem;
    made.append(cell);
  });
  made.style.top = `${index * height}px`;
  return made;
};

const draw = () => {
  const list = byId('list');
  const height = matchMedia('(max-width: 760px)').matches ? 92 : 46;
  // Browsers give no element more than some 17 million pixels: 180,000 rows.
  byId('rows').style.height = `${shown.length * height}px`;
  const first = Math.max(0, Math.floor(list.scrollTop / height) - 5);
  const end = Math.min(shown.length, first + Math.ceil(list.clientHeight / height) + 10);
  const rows = [];
  for (let index = first; index < end; index++) rows.push(makeRow(shown[index], index, height));
  byId('rows').replaceChildren(...rows);
};

document.title = data.title;
byId('title').textContent = data.title;
document.documentElement.style.setProperty('--stems', data.stems.length);
byId('stem').append(element('option', { value: '' }, 'any stem'),
  ...data.stems.map((stem, index) => element('option', { value: `${index}` }, stem)));
byId('sort').append(...orders.map((order, index) => element('option', { value: `${index}` }, order.name)));
byId('head').append(element('span', {}, 'track'), element('span', { className: 'length' }, 'length'),
  ...data.stems.map((stem) => element('span', {}, stem)));
for (const id of ['search', 'state', 'stem', 'share', 'sort']) byId(id).addEventListener('input', filter);
byId('turn').onclick = () => {
  state.turned = !state.turned;
  byId('turn').setAttribute('aria-pressed', state.turned);
  filter();
};
byId('list').addEventListener('scroll', draw, { passive: true });
new ResizeObserver(draw).observe(byId('list'));
filter();
window.unbraid = { data, get shown() { return shown; } };
