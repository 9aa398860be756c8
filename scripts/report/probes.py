"""What is asked of a page while it plays: JavaScript that a browser runs in it."""

# Where the graph is in each lane: the samples that an analyser holds, looked up in the lane's sound.
# The sound goes on while they are read, 128 samples at a time: the reading counts if the first still
# holds the same after the last is read.
WHERE = """
const { player } = unbraid;
const { rate, samples } = player.source;
const read = ({ meter }) => {
  const values = new Float32Array(meter.fftSize);
  meter.getFloatTimeDomainData(values);
  return values;
};
let held;
do {
  held = player.lanes.map(read);
} while (read(player.lanes[1]).some((value, n) => value !== held[1][n]));
const about = Math.round(player.position * rate);
const places = [];
for (let lane = 1; lane < held.length; lane++) {
  const index = Math.floor((about - held[lane].length) / samples);
  const { buffer, lead } = await player.source.stretch(lane, index);
  const sound = new Float32Array(buffer.length);
  for (let channel = 0; channel < buffer.numberOfChannels; channel++) {
    const values = buffer.getChannelData(channel);
    for (let n = 0; n < sound.length; n++) sound[n] += values[n] / buffer.numberOfChannels;
  }
  let [best, place] = [Infinity, null];
  const middle = about - index * samples + lead;
  for (let from = Math.max(0, middle - rate / 2); from < middle + rate / 4; from++) {
    let distance = 0;
    for (let n = 0; n < held[lane].length && distance < best; n += 7) {
      distance += (held[lane][n] - (sound[from + n] ?? 9)) ** 2;
    }
    if (distance < best) [best, place] = [distance, index * samples + from - lead];
  }
  const energy = held[lane].reduce((sum, value) => sum + value * value, 0) / 7;
  places.push(best < 1e-4 * energy ? place : `no match (${best} of ${energy})`);
}
return places;
"""

# How far a clip's decoded samples lie from those of the stem, by their differences: Opus takes the
# direct current out, which turns the phase of the lowest notes by a degree or two.
LAG = """
const [lane, from, wanted] = given;
const { buffer } = await unbraid.player.source.stretch(lane, 0);
const sound = buffer.getChannelData(0);
let [best, lag] = [Infinity, null];
for (let shift = -600; shift <= 600; shift++) {
  let distance = 0;
  for (let n = 1; n < wanted.length; n++) {
    const place = from + shift + n;
    distance += (wanted[n] - wanted[n - 1] - sound[place] + sound[place - 1]) ** 2;
  }
  if (distance < best) [best, lag] = [distance, shift];
}
return lag;
"""
