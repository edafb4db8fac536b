package dev.tributary.broker;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * When API keys were last used on this broker. A use is noted when a key opens a connection and on every request
 * over it, since connections live for weeks: there it costs one look-up and one comparison, and a write once in
 * {@link #EXACT_TO_MS}. Only keys that have opened a connection come in here.
 */
final class KeyUse {
    static final long EXACT_TO_MS = 1000;

    /** Kafka makes the objects that authenticate by itself, as it does with those that ask for {@link Access#current()}. */
    static final KeyUse OF_THIS_BROKER = new KeyUse();

    private static final class Use {
        volatile long usedMs;
        volatile long toldMs;
    }

    private final ConcurrentHashMap<String, Use> uses = new ConcurrentHashMap<>();
    private volatile Runnable listener = () -> { };

    /** Called now and then while keys are used, by whichever thread has noted it. */
    void onUse(Runnable listener) {
        this.listener = listener;
    }

    void note(String apiKeyId, long nowMs) {
        Use use = uses.get(apiKeyId);
        if (use == null) {
            use = uses.computeIfAbsent(apiKeyId, id -> new Use());
        }
        if (nowMs - use.usedMs >= EXACT_TO_MS) {
            use.usedMs = nowMs;
            listener.run();
        }
    }

    /** Keys that were used since that was told last, and when, in epoch milliseconds. */
    Map<String, Long> untold() {
        Map<String, Long> untold = new HashMap<>();
        uses.forEach((id, use) -> {
            long usedMs = use.usedMs;
            if (usedMs > use.toldMs) {
                untold.put(id, usedMs);
            }
        });
        return untold;
    }

    void told(Map<String, Long> told) {
        told.forEach((id, usedMs) -> uses.get(id).toldMs = usedMs);
    }

    /** Forgets keys that open no connection any more and of which everything was told. */
    void forgetEnded(Access access, long nowMs) {
        uses.entrySet().removeIf(entry ->
            entry.getValue().usedMs <= entry.getValue().toldMs && access.apiKey(entry.getKey(), nowMs) == null);
    }
}
