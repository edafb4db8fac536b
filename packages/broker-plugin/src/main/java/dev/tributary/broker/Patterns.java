package dev.tributary.broker;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

import org.apache.kafka.common.resource.PatternType;

/**
 * Values under literal names and under prefixes of names. What concerns a name costs one look-up, and
 * one more for each length that a prefix here has, however many there are. Immutable.
 */
final class Patterns<V> {
    /** Says of a pattern and its value whether it is one that is looked for. */
    interface Search<V> {
        boolean accepts(PatternType pattern, String name, V value);
    }

    private final Map<String, V> literals;
    private final Map<String, V> prefixes;
    private final int[] prefixLengths;

    Patterns(Map<String, V> literals, Map<String, V> prefixes) {
        this.literals = Map.copyOf(literals);
        this.prefixes = Map.copyOf(prefixes);
        prefixLengths = prefixes.keySet().stream().mapToInt(String::length).distinct().sorted().toArray();
    }

    /** Whether one that concerns this name has a value that is wanted. */
    boolean concern(String name, Predicate<V> wanted) {
        return hasLiteral(name, wanted) || hasPrefixOf(name, wanted);
    }

    boolean hasLiteral(String name, Predicate<V> wanted) {
        V value = literals.get(name);
        return value != null && wanted.test(value);
    }

    boolean hasPrefixOf(String name, Predicate<V> wanted) {
        for (int length : prefixLengths) {
            if (length > name.length()) {
                return false;
            }
            V value = prefixes.get(name.substring(0, length));
            if (value != null && wanted.test(value)) {
                return true;
            }
        }
        return false;
    }

    boolean hasAny(Search<V> search) {
        return literals.entrySet().stream().anyMatch(e -> search.accepts(PatternType.LITERAL, e.getKey(), e.getValue()))
            || prefixes.entrySet().stream().anyMatch(e -> search.accepts(PatternType.PREFIXED, e.getKey(), e.getValue()));
    }

    boolean isEmpty() {
        return literals.isEmpty() && prefixes.isEmpty();
    }

    V get(PatternType pattern, String name) {
        return (pattern == PatternType.PREFIXED ? prefixes : literals).get(name);
    }

    /** The same with one value more, or one less where it is null. */
    Patterns<V> with(PatternType pattern, String name, V value) {
        boolean prefixed = pattern == PatternType.PREFIXED;
        Map<String, V> changed = new HashMap<>(prefixed ? prefixes : literals);
        if (value == null) {
            changed.remove(name);
        } else {
            changed.put(name, value);
        }
        return prefixed ? new Patterns<>(literals, changed) : new Patterns<>(changed, prefixes);
    }
}
