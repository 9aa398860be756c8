import Inference
import Synchronization
import Testing

@Suite struct WorkerPoolTests {
    @Test(arguments: [1, 2, 3, 5], [0, 1, 2, 7, 1000])
    func everyPieceRunsExactlyOnce(_ threads: Int, _ count: Int) {
        let pool = WorkerPool(threads: threads)
        let runs = (0..<count).map { _ in Counter() }
        for round in 1...20 {
            pool.run(count: count) { index, worker in
                #expect(worker >= 0 && worker < threads)
                runs[index].value.add(1, ordering: .relaxed)
            }
            #expect(runs.allSatisfy { $0.value.load(ordering: .relaxed) == round })
        }
    }

    @Test func noWorkerRunsTwoPiecesAtATime() {
        let pool = WorkerPool(threads: 3)
        let busy = (0..<3).map { _ in Counter() }
        let clashes = Counter()
        pool.run(count: 500) { _, worker in
            if busy[worker].value.add(1, ordering: .relaxed).oldValue != 0 {
                clashes.value.add(1, ordering: .relaxed)
            }
            busy[worker].value.subtract(1, ordering: .relaxed)
        }
        #expect(clashes.value.load(ordering: .relaxed) == 0)
    }

    @Test func workersWakeUpAfterASleep() async throws {
        let pool = WorkerPool(threads: 2)
        let runs = Counter()
        for _ in 0..<3 {
            pool.run(count: 10) { _, _ in runs.value.add(1, ordering: .relaxed) }
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(runs.value.load(ordering: .relaxed) == 30)
    }

    @Test func callersTakeTurns() async {
        let pool = WorkerPool(threads: 2)
        let sum = Counter()
        await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<50 {
                        pool.run(count: 8) { _, _ in sum.value.add(1, ordering: .relaxed) }
                    }
                }
            }
        }
        #expect(sum.value.load(ordering: .relaxed) == 4 * 50 * 8)
    }

    @Test(arguments: [2, 3, 5])
    func threadsJoinWhenTheyAreAskedTo(threads: Int) {
        let pool = WorkerPool(threads: threads, used: 1)
        for used in 1...threads {
            pool.use(threads: used)
            // Each piece waits for all others, so each needs a thread of its own.
            for _ in 1...10 {
                let arrived = Counter()
                let strangers = Counter()
                let limit = ContinuousClock.now + .seconds(60)
                pool.run(count: used) { _, worker in
                    if worker >= used { strangers.value.add(1, ordering: .relaxed) }
                    arrived.value.add(1, ordering: .relaxed)
                    while arrived.value.load(ordering: .relaxed) < used,
                        ContinuousClock.now < limit
                    {}
                }
                #expect(ContinuousClock.now < limit)
                #expect(arrived.value.load(ordering: .relaxed) == used)
                #expect(strangers.value.load(ordering: .relaxed) == 0)
            }
        }
    }

    @Test func fewerThreadsThanBeforeAreNotAskedFor() {
        let pool = WorkerPool(threads: 3, used: 2)
        pool.use(threads: 1)
        let runs = Counter()
        pool.run(count: 100) { _, _ in runs.value.add(1, ordering: .relaxed) }
        #expect(runs.value.load(ordering: .relaxed) == 100)
    }

    private final class Counter: Sendable {
        let value = Atomic<Int>(0)
    }
}
