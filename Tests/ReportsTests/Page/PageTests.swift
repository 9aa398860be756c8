import Foundation
import Testing

@testable import Reports

struct PageTests {
    /// Names that would end a script, an attribute or a tag if they got into the page as they are.
    static let hostile = [
        "</script><script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'; alert(1); '",
        "<!--<script>", "a & b < c", "\u{2028}\u{0}\u{FFFD}", "]]>", "${alert(1)}`",
    ]

    @Test(arguments: hostile)
    func foreignTextStaysText(text: String) throws {
        var outline = WaveformOverview(length: 1, channels: 1, columns: 1)
        outline.push([[0.5]])
        var lane = TrackPage.Lane(name: text, outline: outline, picture: [1, 2, 3])
        lane.fileName = text
        var page = TrackPage(
            title: text, facts: text, sampleRate: 44_100, samples: 1, lanes: [lane],
            scale: SpectrogramScale(sampleRate: 44_100))
        page.warnings = [text]
        let closing = String(decoding: try page.closing(), as: UTF8.self)
        let opening = String(decoding: TrackPage.opening(title: text), as: UTF8.self)
        // The page's own tags, and no other: the data, and one script.
        #expect(closing.components(separatedBy: "<script").count == 3)
        #expect(closing.components(separatedBy: "</script").count == 3)
        #expect(!closing.contains("<img") && !closing.contains("<!--"))
        #expect(opening.components(separatedBy: "<script").count == 1)
        #expect(!opening.contains("<img") && !opening.contains("<!--"))
        let start = try #require(closing.range(of: "id=\"data\">"))
        let end = try #require(closing.range(of: "</script>"))
        let data = Data(closing[start.upperBound..<end.lowerBound].utf8)
        let read = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(read["title"] as? String == text)
        #expect(read["warnings"] as? [String] == [text])
    }

    @Test func thePageAsksForNothingElsewhere() throws {
        let page = TrackPage(
            title: "a", facts: "", sampleRate: 8000, samples: 1, lanes: [],
            scale: SpectrogramScale(sampleRate: 8000))
        let whole =
            String(decoding: TrackPage.opening(title: "a"), as: UTF8.self)
            + String(decoding: try page.closing(), as: UTF8.self)
        #expect(
            !whole.contains("http:") && !whole.contains("https:") && !whole.contains("src=\"//"))
        #expect(whole.contains("default-src 'none'"))
    }

    @Test func anIndexSurvivesHostileNames() throws {
        let rows = Self.hostile.map { BatchIndex.Row(name: $0, input: $0) }
        let index = BatchIndex(title: Self.hostile[0], stems: [Self.hostile[1]], rows: rows)
        let page = String(decoding: try index.page(), as: UTF8.self)
        #expect(page.components(separatedBy: "</script").count == 3)
        #expect(!page.contains("<img") && !page.contains("<!--"))
    }
}
