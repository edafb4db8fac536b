package dev.tributary.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The use of keys is written at the end of an interval in which there was any")
class KeyUseWriterTest {
    private static final long INTERVAL_MS = 50;

    private final KeyUse use = new KeyUse();
    private final BlockingQueue<Map<String, Long>> written = new LinkedBlockingQueue<>();

    private KeyUseWriter writer(KeyUseWriter.Target target) {
        return new KeyUseWriter(use, target, INTERVAL_MS).start();
    }

    private Map<String, Long> next() throws InterruptedException {
        return written.poll(10, TimeUnit.SECONDS);
    }

    private static boolean hasThread() {
        return Thread.getAllStackTraces().keySet().stream().anyMatch(thread -> thread.getName().equals("tributary-key-use"));
    }

    @Test
    @DisplayName("all of an interval at once, by a thread that is not there before")
    void together() throws Exception {
        try (var writer = writer(written::add)) {
            assertFalse(hasThread());
            use.note("A", 10_000);
            use.note("B", 10_000);
            use.note("A", 20_000);
            assertEquals(Map.of("A", 20_000L, "B", 10_000L), next());
            use.note("B", 30_000);
            assertEquals(Map.of("B", 30_000L), next());
            assertNull(written.poll(4 * INTERVAL_MS, TimeUnit.MILLISECONDS));
        }
    }

    @Test
    @DisplayName("what is refused or fails stays noted and is written later, with what came meanwhile")
    void later() throws Exception {
        KeyUseWriter.Target target = uses -> {
            written.add(uses);
            return switch (uses.size()) {
                case 1 -> false;
                case 2 -> throw new IOException("no leader");
                default -> true;
            };
        };
        try (var writer = writer(target)) {
            for (int keys = 1; keys <= 3; keys++) {
                use.note("KEY" + keys, 10_000);
                for (var uses = next(); uses.size() != keys; uses = next()) {
                    assertEquals(keys - 1, uses.size());
                }
            }
            assertNull(written.poll(4 * INTERVAL_MS, TimeUnit.MILLISECONDS));
        }
    }

    @Test
    @DisplayName("a use after the end disturbs nobody")
    void afterTheEnd() throws Exception {
        writer(written::add).close();
        use.note("A", 10_000);
        assertNull(written.poll(4 * INTERVAL_MS, TimeUnit.MILLISECONDS));
        assertEquals(60_000, KeyUseWriter.intervalMs(Map.of()));
        assertEquals(1000, KeyUseWriter.intervalMs(Map.of("tributary.key.usage.interval.ms", "1000")));
    }
}
