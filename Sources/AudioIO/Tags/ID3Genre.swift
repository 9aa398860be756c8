/// Genres that ID3 tags name by a number: `17`, `(17)` or `(17)Rock`.
enum ID3Genre {
    /// The genre in words.
    static func name(of text: String) -> String {
        var rest = Substring(text)
        var number = rest
        if rest.first == "(", let end = rest.firstIndex(of: ")") {
            number = rest[rest.index(after: rest.startIndex)..<end]
            rest = rest[rest.index(after: end)...]
            if !rest.isEmpty, Int(number) != nil { return String(rest) }
        }
        guard let number = Int(number), names.indices ~= number else { return text }
        return names[number]
    }

    /// The genres of ID3v1, in their order.
    private static let names = """
        Blues,Classic Rock,Country,Dance,Disco,Funk,Grunge,Hip-Hop,Jazz,Metal,New Age,Oldies,Other,\
        Pop,R&B,Rap,Reggae,Rock,Techno,Industrial,Alternative,Ska,Death Metal,Pranks,Soundtrack,\
        Euro-Techno,Ambient,Trip-Hop,Vocal,Jazz+Funk,Fusion,Trance,Classical,Instrumental,Acid,\
        House,Game,Sound Clip,Gospel,Noise,Alternative Rock,Bass,Soul,Punk,Space,Meditative,\
        Instrumental Pop,Instrumental Rock,Ethnic,Gothic,Darkwave,Techno-Industrial,Electronic,\
        Pop-Folk,Eurodance,Dream,Southern Rock,Comedy,Cult,Gangsta,Top 40,Christian Rap,Pop/Funk,\
        Jungle,Native American,Cabaret,New Wave,Psychedelic,Rave,Showtunes,Trailer,Lo-Fi,Tribal,\
        Acid Punk,Acid Jazz,Polka,Retro,Musical,Rock & Roll,Hard Rock
        """.split(separator: ",").map(String.init)
}
