package dev.tributary.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The use of keys is noted where it happens and told once")
class KeyUseTest {
    private final KeyUse use = new KeyUse();

    private Map<String, Long> tell() {
        Map<String, Long> untold = use.untold();
        use.told(untold);
        return untold;
    }

    @Test
    @DisplayName("many uses are one, the latest by a second")
    void coalesced() {
        AtomicInteger calls = new AtomicInteger();
        use.onUse(calls::incrementAndGet);
        for (long now = 10_000; now < 12_500; now++) {
            use.note("A", now);
        }
        use.note("B", 10_500);
        assertEquals(Map.of("A", 12_000L, "B", 10_500L), tell());
        assertEquals(4, calls.get());
    }

    @Test
    @DisplayName("what was told is told again only after another use, what was not told stays")
    void toldOnce() {
        use.note("A", 10_000);
        use.note("B", 10_000);
        assertEquals(Map.of("A", 10_000L, "B", 10_000L), use.untold());
        assertEquals(Map.of("A", 10_000L, "B", 10_000L), tell());
        assertEquals(Map.of(), tell());
        use.note("A", 10_000 + KeyUse.EXACT_TO_MS);
        assertEquals(Map.of("A", 11_000L), tell());
    }

    @Test
    @DisplayName("a use while the one before is told is not lost")
    void usedMeanwhile() {
        use.note("A", 10_000);
        Map<String, Long> first = use.untold();
        use.note("A", 15_000);
        use.told(first);
        assertEquals(Map.of("A", 15_000L), tell());
    }

    @Test
    @DisplayName("keys that have ended are forgotten, though never before their last use was told")
    void ended() {
        Access.Builder access = Access.EMPTY.edit();
        access.put("ALIVE", new Access.ApiKey(1, false, "sa-1", new byte[0], new byte[0], Access.ApiKey.NEVER));
        use.note("ALIVE", 10_000);
        use.note("ENDED", 10_000);
        tell();
        use.note("UNTOLD", 10_000);
        use.forgetEnded(access.build(), 20_000);
        // Within the second, one that is remembered is not noted anew.
        for (String id : new String[] {"ALIVE", "ENDED", "UNTOLD"}) {
            use.note(id, 10_500);
        }
        assertEquals(Map.of("ENDED", 10_500L, "UNTOLD", 10_000L), use.untold());
    }

    @Test
    @DisplayName("all threads of a broker note at once, and every key is there")
    void atOnce() throws Exception {
        CountDownLatch begin = new CountDownLatch(1);
        Thread[] threads = IntStream.range(0, 4).mapToObj(thread -> new Thread(() -> {
            try {
                begin.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            for (int i = 0; i < 10_000; i++) {
                use.note("KEY" + i % 100, 10_000 + i);
            }
        })).toArray(Thread[]::new);
        for (Thread thread : threads) {
            thread.start();
        }
        begin.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        Map<String, Long> told = tell();
        assertEquals(100, told.size());
        AtomicLong earliest = new AtomicLong(Long.MAX_VALUE);
        told.values().forEach(ms -> earliest.accumulateAndGet(ms, Math::min));
        assertTrue(earliest.get() > 20_000 - 2 * KeyUse.EXACT_TO_MS, "noted to the end, not only once: " + earliest);
    }
}
