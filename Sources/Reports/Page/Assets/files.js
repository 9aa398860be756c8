// The stems' own files, which a page opened from disk may read once its user has picked them.

class FileSource {
  // Picks the lanes' files by name. The mix needs none where it is the sum of the stems.
  static async open(files, data) {
    const byName = new Map([...files].map((file) => [file.name, file]));
    const source = new FileSource();
    source.rate = data.sampleRate;
    source.samples = 10 * data.sampleRate;
    source.count = Math.ceil(data.samples / source.samples);
    source.readers = [];
    for (const lane of data.lanes) {
      if (!lane.file || lane.isSum) { source.readers.push(null); continue; }
      const file = byName.get(lane.fileName);
      if (!file) throw new Error(`${lane.fileName} is not among the files`);
      source.readers.push(await WaveReader.open(file, source.rate) ??
        await DecodedReader.open(file, source.rate));
    }
    return source;
  }

  has(lane) { return this.readers[lane] !== null; }

  async stretch(lane, index) {
    return { buffer: await this.readers[lane].read(index * this.samples, this.samples), lead: 0 };
  }
}

// A WAV file of PCM or floats, read in pieces: any length takes little memory.
class WaveReader {
  static async open(file, rate) {
    const view = new DataView(await file.slice(0, 1 << 16).arrayBuffer());
    const name = (place) => String.fromCharCode(...new Uint8Array(view.buffer, place, 4));
    if (view.byteLength < 44 || !['RIFF', 'RF64'].includes(name(0)) || name(8) !== 'WAVE') return null;
    const reader = Object.assign(new WaveReader(), { file, rate });
    for (let place = 12; place + 8 <= view.byteLength;) {
      const size = view.getUint32(place + 4, true);
      if (name(place) === 'fmt ') {
        reader.code = view.getUint16(place + 8, true);
        reader.channels = view.getUint16(place + 10, true);
        reader.bytes = view.getUint16(place + 22, true) / 8;
        // In the extensible header the code stands in front of a fixed GUID.
        if (reader.code === 0xFFFE) reader.code = view.getUint16(place + 32, true);
        if (view.getUint32(place + 12, true) !== rate) throw new Error(`${file.name} has another rate`);
      } else if (name(place) === 'data') {
        reader.start = place + 8;
        const isPCM = reader.code === 1 && [1, 2, 3, 4].includes(reader.bytes);
        return isPCM || (reader.code === 3 && reader.bytes === 4) ? reader : null;
      }
      place += 8 + size + size % 2;
    }
    return null;
  }

  async read(from, count) {
    const { channels, bytes, start } = this;
    const width = channels * bytes;
    const view = new DataView(await this.file.slice(
      start + from * width, start + (from + count) * width).arrayBuffer());
    const length = Math.floor(view.byteLength / width);
    const buffer = new AudioBuffer({
      length: Math.max(1, length), numberOfChannels: channels, sampleRate: this.rate,
    });
    const value = this.code === 3 ? (place) => view.getFloat32(place, true) : {
      1: (place) => (view.getUint8(place) - 128) / 0x80,
      2: (place) => view.getInt16(place, true) / 0x8000,
      3: (place) => (view.getInt16(place + 1, true) * 256 + view.getUint8(place)) / 0x800000,
      4: (place) => view.getInt32(place, true) / 0x80000000,
    }[bytes];
    for (let channel = 0; channel < channels; channel++) {
      const target = buffer.getChannelData(channel);
      for (let n = 0; n < length; n++) target[n] = value(n * width + channel * bytes);
    }
    return buffer;
  }
}

// Any other file that the browser knows, decoded as a whole.
class DecodedReader {
  static async open(file, rate) {
    const context = new OfflineAudioContext(1, 1, rate);
    const reader = new DecodedReader();
    reader.whole = await context.decodeAudioData(await file.arrayBuffer());
    return reader;
  }

  async read(from, count) {
    const { whole } = this;
    const length = Math.max(1, Math.min(count, whole.length - from));
    const buffer = new AudioBuffer({
      length, numberOfChannels: whole.numberOfChannels, sampleRate: whole.sampleRate,
    });
    for (let channel = 0; channel < whole.numberOfChannels; channel++) {
      buffer.copyToChannel(whole.getChannelData(channel).subarray(from, from + length), channel);
    }
    return buffer;
  }
}
