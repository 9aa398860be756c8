private import CSndFile

/// libsndfile's number for a kind of file and a code of samples, in words.
struct SoundFileFormat {
    let container: String
    let codec: String
    let kind: SampleKind

    init(_ number: Int) {
        let container = number & Int(SF_FORMAT_TYPEMASK)
        self.container = SoundFileFormat.containers[container] ?? "libsndfile \(container)"
        let code = number & Int(SF_FORMAT_SUBMASK)
        (codec, kind) = SoundFileFormat.codecs[code] ?? ("libsndfile \(code)", .float(bits: 32))
    }

    private static let containers: [Int: String] = [
        SF_FORMAT_WAV: "WAV", SF_FORMAT_WAVEX: "WAV", SF_FORMAT_RF64: "RF64",
        SF_FORMAT_W64: "W64", SF_FORMAT_AIFF: "AIFF", SF_FORMAT_AU: "AU", SF_FORMAT_CAF: "CAF",
        SF_FORMAT_FLAC: "FLAC", SF_FORMAT_OGG: "Ogg", SF_FORMAT_MPEG: "MPEG",
        SF_FORMAT_PAF: "PAF", SF_FORMAT_SVX: "SVX", SF_FORMAT_NIST: "NIST", SF_FORMAT_VOC: "VOC",
        SF_FORMAT_IRCAM: "IRCAM", SF_FORMAT_MAT4: "MAT4", SF_FORMAT_MAT5: "MAT5",
        SF_FORMAT_PVF: "PVF", SF_FORMAT_XI: "XI", SF_FORMAT_HTK: "HTK", SF_FORMAT_SDS: "SDS",
        SF_FORMAT_AVR: "AVR", SF_FORMAT_SD2: "SD2", SF_FORMAT_WVE: "WVE",
        SF_FORMAT_MPC2K: "MPC2K", SF_FORMAT_RAW: "raw",
    ].keyedByInt

    private static let codecs: [Int: (String, SampleKind)] = [
        SF_FORMAT_PCM_S8: ("PCM 8", .integer(bits: 8)),
        SF_FORMAT_PCM_U8: ("PCM 8", .integer(bits: 8)),
        SF_FORMAT_PCM_16: ("PCM 16", .integer(bits: 16)),
        SF_FORMAT_PCM_24: ("PCM 24", .integer(bits: 24)),
        SF_FORMAT_PCM_32: ("PCM 32", .integer(bits: 32)),
        SF_FORMAT_FLOAT: ("float 32", .float(bits: 32)),
        SF_FORMAT_DOUBLE: ("float 64", .float(bits: 64)),
        SF_FORMAT_ULAW: ("u-law", .integer(bits: 16)),
        SF_FORMAT_ALAW: ("A-law", .integer(bits: 16)),
        SF_FORMAT_IMA_ADPCM: ("IMA ADPCM", .integer(bits: 16)),
        SF_FORMAT_MS_ADPCM: ("MS ADPCM", .integer(bits: 16)),
        SF_FORMAT_GSM610: ("GSM 6.10", .integer(bits: 16)),
        SF_FORMAT_VOX_ADPCM: ("VOX ADPCM", .integer(bits: 16)),
        SF_FORMAT_NMS_ADPCM_16: ("NMS ADPCM", .integer(bits: 16)),
        SF_FORMAT_NMS_ADPCM_24: ("NMS ADPCM", .integer(bits: 16)),
        SF_FORMAT_NMS_ADPCM_32: ("NMS ADPCM", .integer(bits: 16)),
        SF_FORMAT_G721_32: ("G.721", .integer(bits: 16)),
        SF_FORMAT_G723_24: ("G.723", .integer(bits: 16)),
        SF_FORMAT_G723_40: ("G.723", .integer(bits: 16)),
        SF_FORMAT_DWVW_12: ("DWVW 12", .integer(bits: 16)),
        SF_FORMAT_DWVW_16: ("DWVW 16", .integer(bits: 16)),
        SF_FORMAT_DWVW_24: ("DWVW 24", .integer(bits: 24)),
        SF_FORMAT_DPCM_8: ("DPCM 8", .integer(bits: 8)),
        SF_FORMAT_DPCM_16: ("DPCM 16", .integer(bits: 16)),
        SF_FORMAT_ALAC_16: ("ALAC 16", .integer(bits: 16)),
        SF_FORMAT_ALAC_20: ("ALAC 20", .integer(bits: 24)),
        SF_FORMAT_ALAC_24: ("ALAC 24", .integer(bits: 24)),
        SF_FORMAT_ALAC_32: ("ALAC 32", .integer(bits: 32)),
        SF_FORMAT_VORBIS: ("Vorbis", .lossy), SF_FORMAT_OPUS: ("Opus", .lossy),
        SF_FORMAT_MPEG_LAYER_I: ("MP1", .lossy), SF_FORMAT_MPEG_LAYER_II: ("MP2", .lossy),
        SF_FORMAT_MPEG_LAYER_III: ("MP3", .lossy),
    ].keyedByInt
}

extension Dictionary where Key: BinaryInteger {
    /// The same with `Int` keys: the importer gives C's constants different types.
    fileprivate var keyedByInt: [Int: Value] {
        [Int: Value](uniqueKeysWithValues: map { (Int($0.key), $0.value) })
    }
}

extension FileFormat {
    /// libsndfile's number for a new file.
    ///
    /// WAV with more than two channels has the extensible header, which says what they are for.
    func soundFileNumber(_ samples: SampleFormat?, channels: Int, isLarge: Bool) -> Int {
        let code: Int
        switch samples {
        case .int8: code = self == .wav ? Int(SF_FORMAT_PCM_U8) : Int(SF_FORMAT_PCM_S8)
        case .int16: code = Int(SF_FORMAT_PCM_16)
        case .int24: code = Int(SF_FORMAT_PCM_24)
        case .int32: code = Int(SF_FORMAT_PCM_32)
        case .float32: code = Int(SF_FORMAT_FLOAT)
        case nil: code = 0
        }
        return switch self {
        case .wav:
            Int(isLarge ? SF_FORMAT_RF64 : channels > 2 ? SF_FORMAT_WAVEX : SF_FORMAT_WAV) | code
        case .flac: Int(SF_FORMAT_FLAC) | code
        case .aiff: Int(SF_FORMAT_AIFF) | code
        case .ogg: Int(SF_FORMAT_OGG) | Int(SF_FORMAT_VORBIS)
        case .opus: Int(SF_FORMAT_OGG) | Int(SF_FORMAT_OPUS)
        case .mp3: Int(SF_FORMAT_MPEG) | Int(SF_FORMAT_MPEG_LAYER_III)
        }
    }
}

extension TagField {
    /// libsndfile's number for the text.
    var soundFileNumber: Int {
        switch self {
        case .title: Int(SF_STR_TITLE)
        case .artist: Int(SF_STR_ARTIST)
        case .album: Int(SF_STR_ALBUM)
        case .track: Int(SF_STR_TRACKNUMBER)
        case .date: Int(SF_STR_DATE)
        case .genre: Int(SF_STR_GENRE)
        case .comment: Int(SF_STR_COMMENT)
        case .copyright: Int(SF_STR_COPYRIGHT)
        case .license: Int(SF_STR_LICENSE)
        }
    }
}

extension SoundFile {
    /// Sets what every file that we write has in common.
    ///
    /// - Parameter isLarge: whether it is RF64, which becomes WAV on closing if it stays small.
    func prepareForWriting(_ format: FileFormat, isLarge: Bool) {
        // The chunk of peaks holds the time of day: the same input would give other bytes each time.
        // Taking it from an AIFF file would break the header, so it is corrected there.
        if format == .wav { command(Int(SFC_SET_ADD_PEAK_CHUNK), on: false) }
        command(Int(SFC_SET_CLIPPING), on: true)
        if isLarge { command(Int(SFC_RF64_AUTO_DOWNGRADE), on: true) }
        switch format {
        case .ogg:
            command(Int(SFC_SET_VBR_ENCODING_QUALITY), value: 0.8)
        case .opus:
            // libsndfile's scale runs from 256 kbit/s a channel at 0 to 6 kbit/s at 1.
            command(Int(SFC_SET_COMPRESSION_LEVEL), value: 0.56)
        case .mp3:
            command(Int(SFC_SET_COMPRESSION_LEVEL), value: 0)
        case .flac:
            command(Int(SFC_SET_COMPRESSION_LEVEL), value: 0.625)
        case .wav, .aiff:
            break
        }
    }
}
