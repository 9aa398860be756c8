// Plays the lanes. Both players have the same few members: play, pause, seek, position (s), playing,
// setLevel(lane, factor), level(lane), and call onEnd at the end of the track.

// Stretches of sound that lie in the page as Opus. Every clip says 48 kHz; its samples are given their
// true rate here, so that sample n of a clip is sample n of the stem.
class ClipSource {
  constructor({ rate, samples, lead, count }) {
    Object.assign(this, { rate, samples, lead, count });
    this.decoder = new OfflineAudioContext(1, 1, 48000);
  }

  has(lane) { return document.getElementById(`clip-${lane}-0`) !== null; }

  async stretch(lane, index) {
    const text = document.getElementById(`clip-${lane}-${index}`).textContent;
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const decoded = await this.decoder.decodeAudioData(bytes.buffer);
    const buffer = new AudioBuffer({
      length: decoded.length, numberOfChannels: decoded.numberOfChannels, sampleRate: this.rate,
    });
    for (let channel = 0; channel < decoded.numberOfChannels; channel++) {
      buffer.copyToChannel(decoded.getChannelData(channel), channel);
    }
    return { buffer, lead: index === 0 ? 0 : this.lead };
  }
}

// All lanes on one clock: every stretch of every lane is scheduled at a whole sample of one audio
// context, so the lanes are in step to the sample and cannot drift apart.
class SampleClockPlayer {
  constructor(lanes, length, source) {
    this.source = source;
    this.length = length;
    this.at = 0; // the sample that plays next, while nothing plays
    this.turn = 0; // counts starts; work of an earlier one is dropped
    this.playing = false;
    this.masterFactor = 1;
    this.nodes = [];
    this.lanes = Array.from({ length: lanes }, () => ({ wanted: 1 }));
    this.onEnd = () => {};
  }

  get isExact() { return true; }

  open() {
    if (this.context) return;
    this.context = new AudioContext({ sampleRate: this.source.rate });
    this.master = this.context.createGain();
    this.master.gain.value = this.masterFactor;
    this.masterMeter = this.context.createAnalyser();
    this.master.connect(this.masterMeter);
    this.masterMeter.connect(this.context.destination);
    for (const lane of this.lanes) {
      lane.gain = this.context.createGain();
      lane.gain.gain.value = lane.wanted;
      lane.meter = this.context.createAnalyser();
      lane.meter.fftSize = 2048;
      lane.gain.connect(lane.meter);
      lane.meter.connect(this.master);
    }
  }

  async play() {
    this.open();
    const turn = ++this.turn;
    this.playing = true;
    const resumed = this.context.resume();
    const first = Math.floor(this.at / this.source.samples);
    const stretches = await this.load(first);
    await resumed;
    if (turn !== this.turn) return;
    const { rate } = this.source;
    this.startTime = Math.ceil((this.context.currentTime + 0.05) * rate) / rate;
    this.startAt = this.at;
    this.schedule(first, stretches);
    this.keepAhead(turn, first + 1);
  }

  load(index) {
    return Promise.all(this.lanes.map((_, lane) =>
      this.source.has(lane) ? this.source.stretch(lane, index) : null));
  }

  schedule(index, stretches) {
    const { rate, samples } = this.source;
    const begin = index * samples;
    const from = Math.max(begin, this.startAt);
    const end = Math.min(begin + samples, this.length);
    const when = this.startTime + (from - this.startAt) / rate;
    stretches.forEach((stretch, lane) => {
      if (!stretch) return;
      const node = this.context.createBufferSource();
      node.buffer = stretch.buffer;
      node.connect(this.lanes[lane].gain);
      node.start(when, (stretch.lead + from - begin) / rate, (end - from) / rate);
      node.onended = () => { this.nodes = this.nodes.filter((other) => other !== node); };
      this.nodes.push(node);
    });
  }

  // Keeps some ten seconds scheduled in front of what is heard.
  async keepAhead(turn, next) {
    const { rate, samples, count } = this.source;
    while (turn === this.turn) {
      const position = this.position;
      if (position * rate >= this.length) {
        this.stop();
        this.at = 0;
        this.context.suspend();
        this.onEnd();
      } else if (next < count && next * samples < position * rate + samples) {
        const stretches = await this.load(next);
        if (turn !== this.turn) return;
        const when = this.startTime + (next * samples - this.startAt) / rate;
        // A machine that slept or was too slow goes on from where it is, all lanes together.
        if (when < this.context.currentTime) return void this.seek(this.position);
        this.schedule(next, stretches);
        next += 1;
      } else {
        await new Promise((done) => setTimeout(done, 50));
      }
    }
  }

  stop() {
    this.turn += 1;
    this.playing = false;
    for (const node of this.nodes) {
      node.onended = null;
      node.stop();
    }
    this.nodes = [];
    this.startTime = undefined;
  }

  pause() {
    this.at = Math.round(this.position * this.source.rate);
    this.stop();
    this.context?.suspend();
  }

  seek(seconds) {
    const wasPlaying = this.playing;
    this.stop();
    this.at = Math.max(0, Math.min(this.length - 1, Math.round(seconds * this.source.rate)));
    if (wasPlaying) return this.play();
  }

  get position() {
    const { rate } = this.source;
    if (!this.playing || this.startTime === undefined) return this.at / rate;
    const heard = this.context.currentTime - (this.context.outputLatency || 0) - this.startTime;
    return Math.min(this.length / rate, this.startAt / rate + Math.max(0, heard));
  }

  setLevel(lane, factor) {
    const { gain } = this.lanes[lane];
    this.lanes[lane].wanted = factor;
    if (gain) SampleClockPlayer.ramp(gain.gain, factor, this.context.currentTime);
  }

  setMaster(factor) {
    this.masterFactor = factor;
    if (this.master) SampleClockPlayer.ramp(this.master.gain, factor, this.context.currentTime);
  }

  // 15 ms: no click, and silence is silence at its end.
  static ramp(parameter, value, now) {
    parameter.cancelScheduledValues(now);
    parameter.setValueAtTime(parameter.value, now);
    parameter.linearRampToValueAtTime(value, now + 0.015);
  }

  // What a lane gives after its gain: the root of the mean square of the last 2048 samples.
  level(lane) { return this.measure(this.lanes[lane].meter); }
  levelOfAll() { return this.measure(this.masterMeter); }

  measure(meter) {
    if (!meter || !this.playing) return 0;
    const values = new Float32Array(meter.fftSize);
    meter.getFloatTimeDomainData(values);
    return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
  }

  close() {
    this.pause();
    this.context?.close();
  }
}

// One <audio> for each lane, on the file beside the page. A page opened from disk may play these files
// but not look into them, and browsers start several of them some hundredths of a second apart.
class ElementPlayer {
  constructor(files, length) {
    this.length = length;
    this.playing = false;
    this.onEnd = () => {};
    this.masterFactor = 1;
    this.factors = files.map(() => 1);
    this.elements = files.map((file) => {
      if (!file) return null;
      const element = new Audio();
      element.preload = 'metadata';
      element.src = file;
      return element;
    });
    this.leader = this.elements.find((element) => element);
    this.leader?.addEventListener('ended', () => {
      this.pause();
      this.seek(0);
      this.onEnd();
    });
  }

  get isExact() { return false; }
  get all() { return this.elements.filter((element) => element); }

  async play() {
    this.playing = true;
    await Promise.all(this.all.map((element) => element.play()));
    this.watch = setInterval(() => {
      for (const element of this.all) {
        const lag = this.leader.currentTime - element.currentTime;
        if (Math.abs(lag) > 0.1 && !element.ended) element.currentTime = this.leader.currentTime;
      }
    }, 2000);
  }

  pause() {
    this.playing = false;
    clearInterval(this.watch);
    for (const element of this.all) element.pause();
  }

  seek(seconds) { for (const element of this.all) element.currentTime = seconds; }

  get position() { return this.leader?.currentTime ?? 0; }

  setLevel(lane, factor) {
    this.factors[lane] = factor;
    const element = this.elements[lane];
    if (!element) return;
    element.muted = factor === 0;
    element.volume = Math.min(1, factor * this.masterFactor);
  }

  setMaster(factor) {
    this.masterFactor = factor;
    this.factors.forEach((value, lane) => this.setLevel(lane, value));
  }

  level() { return null; }
  levelOfAll() { return null; }
  close() { this.pause(); }
}
