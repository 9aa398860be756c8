// What a lane looks like: its outline, its spectrogram with axes, its buttons and figures.

const element = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key in made && key !== 'list') made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
};

const clock = (seconds, digits = 0) => {
  const whole = Math.floor(seconds / 60);
  const rest = (seconds - 60 * whole).toFixed(digits).padStart(digits ? 3 + digits : 2, '0');
  return whole < 60 ? `${whole}:${rest}`
    : `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}:${rest}`;
};

const decibels = (amplitude) => amplitude > 0 ? 20 * Math.log10(amplitude) : -Infinity;
const level = (value, unit) =>
  value === undefined || value === null || value === -Infinity ? 'silent'
    : `${value.toFixed(1).replace('-', '\u2212')} ${unit}`;
const percent = (share) => `${Math.round(100 * share)} %`;
const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

class Outline {
  constructor(lane, canvas, fullHeight, seconds) {
    const bytes = Uint8Array.from(atob(lane.outline), (letter) => letter.charCodeAt(0));
    Object.assign(this, { lane, canvas, fullHeight, seconds, values: new Int8Array(bytes.buffer) });
  }

  draw() {
    const { canvas, values, lane } = this;
    const scale = window.devicePixelRatio || 1;
    const width = Math.round(canvas.clientWidth * scale);
    const height = Math.round(canvas.clientHeight * scale);
    Object.assign(canvas, { width, height });
    const paint = canvas.getContext('2d');
    const count = values.length / 3;
    const middle = height / 2;
    const unit = middle * lane.outlinePeak / 127 / this.fullHeight;
    const layer = (fill, low, high) => {
      paint.fillStyle = fill;
      for (let x = 0; x < width; x++) {
        const first = Math.min(count - 1, Math.floor(x * count / width));
        const end = Math.max(first + 1, Math.floor((x + 1) * count / width));
        let [top, bottom] = [0, 0];
        for (let n = first; n < end; n++) {
          top = Math.max(top, high(n));
          bottom = Math.min(bottom, low(n));
        }
        const tall = Math.max(scale * 0.5, (top - bottom) * unit);
        paint.fillRect(x, middle - top * unit, 1, tall);
      }
    };
    const tint = color(`--lane-${lane.tint}`);
    paint.globalAlpha = 0.45;
    layer(tint, (n) => values[3 * n], (n) => values[3 * n + 1]);
    paint.globalAlpha = 1;
    layer(tint, (n) => -values[3 * n + 2], (n) => values[3 * n + 2]);
    paint.fillStyle = color('--ink');
    for (const time of lane.onsets) {
      paint.fillRect(Math.round(time / this.seconds * width), 0, scale, 6 * scale);
    }
  }
}

// Ticks of a time axis: 1, 2 or 5 times a round step, some 70 pixels apart.
const timeTicks = (seconds, pixels) => {
  const steps = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600];
  const step = steps.find((value) => value * pixels / seconds >= 64) ?? 7200;
  const ticks = [];
  for (let n = 0; n * step <= seconds; n++) ticks.push(n * step);
  return { ticks, digits: step < 0.1 ? 2 : step < 1 ? 1 : 0 };
};

class Ruler {
  constructor(seconds) {
    this.seconds = seconds;
    this.node = element('div', { className: 'ruler' });
  }

  draw(cues = []) {
    const { node, seconds } = this;
    const { ticks, digits } = timeTicks(seconds, node.clientWidth || 600);
    node.replaceChildren();
    for (const tick of ticks) {
      const share = tick / seconds;
      if (share > 0.97 && ticks.length > 2) continue;
      const label = element('span', { className: 'tick' }, clock(tick, digits));
      label.style.left = `${100 * share}%`;
      node.append(label);
    }
    // Beats that would lie closer than five pixels are left out, bars then too.
    const dense = (kind) => cues.filter((cue) => cue.kind === kind).length * 5 > (node.clientWidth || 600);
    const hidden = { beat: dense('beat'), downbeat: dense('downbeat') };
    for (const cue of cues) {
      if (hidden[cue.kind]) continue;
      const mark = element('i', { className: `cue ${cue.kind}`, title: `${cue.label} ${clock(cue.time, 3)}` });
      mark.style.left = `${100 * cue.time / seconds}%`;
      node.append(mark);
    }
  }
}

const frequencyAxis = ({ lowest, highest }) => {
  const axis = element('div', { className: 'axis', 'aria-hidden': 'true' });
  for (const hertz of [50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 40000]) {
    const share = Math.log(hertz / lowest) / Math.log(highest / lowest);
    if (share < 0.03 || share > 0.96) continue;
    const label = element('span', {}, hertz < 1000 ? `${hertz}` : `${hertz / 1000}k`);
    label.style.bottom = `${100 * share}%`;
    axis.append(label);
  }
  axis.append(element('span', { className: 'unit' }, 'Hz'));
  return axis;
};

const colorLegend = ({ floor, ceiling }, colors) => {
  const bar = element('span', { className: 'bar' });
  bar.style.background = `linear-gradient(to right, ${colors.join(',')})`;
  const show = (value) => `${value}`.replace('-', '\u2212');
  return element('p', { className: 'legend' },
    'level ', show(floor), ' ', bar, ` ${show(ceiling)} dB (a sine at full scale has 0 dB)`);
};

class LaneView {
  constructor(lane, index, data, fullHeight) {
    this.lane = lane;
    const number = index > 0 && index < 10 ? ` (key ${index})` : '';
    this.solo = element('button', {
      className: 'solo', type: 'button', 'aria-pressed': 'false',
      title: lane.isMix ? 'Hear the mix as it is (key 0)' : `Hear only this${number}`,
    }, lane.isMix ? 'Mix' : 'Solo');
    this.mute = lane.isMix ? null : element('button', {
      className: 'mute', type: 'button', 'aria-pressed': 'false',
      title: `Silence this (shift and key ${index})`,
    }, 'Mute');
    this.gain = element('input', {
      type: 'range', min: '-40', max: '12', step: '0.5', value: '0',
      'aria-label': `${lane.isMix ? 'whole' : lane.name} gain in dB`,
    });
    this.gainText = element('output', {}, '0 dB');
    this.meter = element('div', { className: 'meter' }, element('i'));
    this.wave = element('canvas', { className: 'wave' });
    this.outline = new Outline(lane, this.wave, fullHeight, data.samples / data.sampleRate);
    this.line = element('div', { className: 'line' });
    this.stage = element('div', { className: 'stage' }, this.wave,
      element('div', { className: 'picture' },
        element('img', {
          src: `data:image/png;base64,${lane.picture}`, draggable: false,
          alt: `Spectrogram of ${lane.name}: frequency up on a logarithmic scale, time to the right`,
        }), frequencyAxis(data.scale)),
      this.activity(), this.line);
    const title = element('h2', {}, element('i', { className: 'swatch' }), lane.name);
    this.node = element('section', { className: 'lane', 'aria-label': lane.name },
      element('div', { className: 'head' }, title,
        element('div', { className: 'buttons' }, this.solo, this.mute),
        element('label', { className: 'gain' }, this.gain, this.gainText), this.meter, this.facts()),
      this.stage);
    this.node.style.setProperty('--lane', `var(--lane-${lane.tint})`);
  }

  facts() {
    const { lane } = this;
    const list = element('dl', { className: 'facts' });
    const add = (name, value, title) =>
      list.append(element('div', { title }, element('dt', {}, name), element('dd', {}, value)));
    if (lane.loudness !== undefined) add('loudness', level(lane.loudness, 'LUFS'), 'integrated, EBU R 128');
    add('peak', level(decibels(lane.peak), 'dBFS'), 'greatest sample');
    if (lane.truePeak !== undefined) add('true peak', level(lane.truePeak, 'dBTP'), 'between the samples too');
    if (lane.activity !== undefined) {
      add('active', percent(lane.activity), 'share of the time; the bar below shows where');
      add('sure', percent(lane.certainty), 'how far the masks were from one half');
    }
    if (lane.becameFloat) add('format', 'float', 'written as floats, since it passes full scale');
    if (lane.file) {
      list.append(element('div', {}, element('dt', {}, 'file'),
        element('dd', {}, element('a', { href: lane.file }, lane.fileName))));
    }
    return list;
  }

  activity() {
    const bar = element('div', { className: 'activity' });
    const { active } = this.lane;
    if (!active) return bar;
    bar.title = 'where this stem is active';
    for (let from = 0; from < active.length;) {
      let end = from + 1;
      while (end < active.length && active[end] === active[from]) end += 1;
      if (active[from] === '1') {
        const run = element('i');
        run.style.left = `${100 * from / active.length}%`;
        run.style.width = `${100 * (end - from) / active.length}%`;
        bar.append(run);
      }
      from = end;
    }
    return bar;
  }

  show({ solo, mute, decibels: gain, heard }) {
    this.solo.setAttribute('aria-pressed', solo);
    this.mute?.setAttribute('aria-pressed', mute);
    this.gain.value = gain;
    this.gainText.textContent = `${gain > 0 ? '+' : ''}${gain}`.replace('-', '\u2212') + ' dB';
    this.node.classList.toggle('silent', !heard);
  }

  showLevel(amplitude) {
    const share = amplitude === null ? 0 : Math.max(0, Math.min(1, 1 + decibels(amplitude) / 60));
    this.meter.firstChild.style.width = `${100 * share}%`;
  }
}
