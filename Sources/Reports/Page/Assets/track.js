// The page of one track: what was asked for, told to the player and shown.

const data = JSON.parse(document.getElementById('data').textContent);
const seconds = data.samples / data.sampleRate;
const byId = (id) => document.getElementById(id);

const state = data.lanes.map(() => ({ solo: false, mute: false, decibels: 0, heard: true }));
const fullHeight = Math.max(...data.lanes.map((lane) => lane.outlinePeak), 1e-9);
const views = data.lanes.map((lane, index) => new LaneView(lane, index, data, fullHeight));
const rulers = [new Ruler(seconds), new Ruler(seconds)];

let player = data.clips
  ? new SampleClockPlayer(data.lanes.length, Math.round(seconds * data.clips.rate), new ClipSource(data.clips))
  : new ElementPlayer(data.lanes.map((lane) => lane.isSum ? null : lane.file), data.samples);

// The mix alone, or the stems by solo, mute and gain.
const apply = () => {
  const mixAlone = state[0].solo || data.lanes.length === 1;
  const anySolo = state.some((lane, index) => index > 0 && lane.solo);
  data.lanes.forEach((lane, index) => {
    const own = state[index];
    let factor;
    if (index === 0) {
      own.heard = mixAlone || !anySolo;
      factor = mixAlone && !lane.isSum ? 1 : 0;
    } else if (mixAlone) {
      own.heard = data.lanes[0].isSum;
      factor = own.heard ? 1 : 0;
    } else {
      own.heard = anySolo ? own.solo : !own.mute;
      factor = own.heard ? 10 ** (own.decibels / 20) : 0;
    }
    player.setLevel(index, factor);
    views[index].show(own);
  });
  player.setMaster(10 ** (state[0].decibels / 20));
};

const setSolo = (index, on) => {
  // The mix as it is and a choice of stems exclude each other.
  state.forEach((lane, other) => { if ((index === 0) !== (other === 0)) lane.solo = false; });
  state[index].solo = on;
  apply();
};
const setMute = (index, on) => { state[index].mute = on; apply(); };
const setGain = (index, value) => { state[index].decibels = value; apply(); };
const clear = () => {
  state.forEach((lane) => Object.assign(lane, { solo: false, mute: false }));
  apply();
};

const tell = (text) => { byId('status').textContent = text; };
const describe = () => {
  if (!player.isExact) return 'Playing the files beside this page; they start some hundredths of a second apart.';
  return player.source instanceof ClipSource
    ? 'In step to the sample. Playing the Opus preview in this page; drop the stems here to hear the files themselves.'
    : 'In step to the sample. Playing the files themselves.';
};

const toggle = async () => {
  if (player.playing) {
    player.pause();
  } else {
    try {
      await player.play();
    } catch (error) {
      player.pause();
      // A browser without Opus, or a file that is no longer there.
      if (player.isExact && player.source instanceof ClipSource) {
        use(new ElementPlayer(data.lanes.map((lane) => lane.isSum ? null : lane.file), data.samples));
        return toggle();
      }
      tell(`The sound cannot be played: ${error.message}`);
    }
  }
};

const use = (next) => {
  const { position } = player;
  player.close();
  player = next;
  player.seek(position);
  apply();
  tell(describe());
};

const pick = async (files) => {
  try {
    const source = await FileSource.open(files, data);
    use(new SampleClockPlayer(data.lanes.length, data.samples, source));
  } catch (error) {
    tell(error.message);
  }
};

const seek = (time) => player.seek(Math.max(0, Math.min(seconds - 1e-3, time)));
const nextCue = (direction) => {
  const now = player.position;
  const cues = data.cues.filter((cue) => direction > 0 ? cue.time > now + 0.02 : cue.time < now - 0.3);
  if (cues.length) seek(cues.at(direction > 0 ? 0 : -1).time);
};

// What is shown follows what is heard.
const refresh = () => {
  const { position } = player;
  document.documentElement.style.setProperty('--at', position / seconds);
  byId('now').textContent = clock(position, 1);
  byId('play').setAttribute('aria-pressed', player.playing);
  byId('play').setAttribute('aria-label', player.playing ? 'Pause' : 'Play');
  views.forEach((view, index) => view.showLevel(index ? player.level(index) : player.levelOfAll()));
  requestAnimationFrame(refresh);
};

const draw = () => {
  views.forEach((view) => view.outline.draw());
  rulers[0].draw(data.cues);
  rulers[1].draw();
};

const build = () => {
  document.title = data.title;
  byId('title').textContent = data.title;
  byId('facts').textContent = data.facts;
  byId('total').textContent = clock(seconds, 1);
  byId('lanes').replaceChildren(rulers[0].node, ...views.map((view) => view.node), rulers[1].node);
  byId('lanes').after(colorLegend(data.scale, data.colors));
  for (const line of data.warnings) byId('warnings').append(element('li', {}, line));
  views.forEach((view, index) => {
    view.solo.onclick = () => setSolo(index, !state[index].solo);
    if (view.mute) view.mute.onclick = () => setMute(index, !state[index].mute);
    view.gain.oninput = () => setGain(index, Number(view.gain.value));
    view.gain.ondblclick = () => setGain(index, 0);
  });
  byId('play').onclick = toggle;
  byId('clear').onclick = clear;
  byId('pick').onclick = () => byId('files').click();
  byId('files').onchange = (event) => pick(event.target.files);
  document.ondragover = (event) => event.preventDefault();
  document.ondrop = (event) => { event.preventDefault(); pick(event.dataTransfer.files); };
};

const seekByPointer = () => {
  const place = (event) => {
    const box = rulers[0].node.getBoundingClientRect();
    return seconds * (event.clientX - box.left) / box.width;
  };
  for (const surface of [...rulers.map((ruler) => ruler.node), ...views.map((view) => view.stage)]) {
    surface.onclick = (event) => seek(place(event));
  }
};

const keys = {
  ' ': toggle, k: toggle, 0: () => setSolo(0, !state[0].solo), c: clear,
  ArrowLeft: () => seek(player.position - 5), ArrowRight: () => seek(player.position + 5),
  Home: () => seek(0), End: () => seek(seconds), ',': () => nextCue(-1), '.': () => nextCue(1),
  '?': () => byId('help').toggleAttribute('open'),
};
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const { target } = event;
  // A slider keeps its arrows, a button its space bar.
  if (target.matches('input') && event.key.startsWith('Arrow')) return;
  if (target.matches('button, summary, a') && [' ', 'Enter'].includes(event.key)) return;
  const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
  if (digit && state[digit]) {
    if (event.shiftKey) setMute(digit, !state[digit].mute);
    else setSolo(Number(digit), !state[digit].solo);
  } else if (keys[event.key]) {
    keys[event.key]();
  } else {
    return;
  }
  event.preventDefault();
});

build();
seekByPointer();
apply();
draw();
tell(describe());
refresh();
new ResizeObserver(draw).observe(byId('lanes'));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);

// For tests and the curious.
window.unbraid = {
  data, toggle, seek, setSolo, setMute, setGain, clear, pick,
  get player() { return player; },
  levels: () => data.lanes.map((_, index) => player.level(index)),
};
