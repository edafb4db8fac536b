package dev.tributary.broker;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourceType;

/** What role bindings let one principal do. Immutable. */
final class Grants {
    /** Operations, a bit for each of Kafka's codes, on what the pattern names; every name has the prefix of no length. */
    record Grant(ResourceType type, PatternType pattern, String name, int operations) {
        boolean allows(AclOperation operation) {
            return includes(operations, operation);
        }
    }

    static final Grants NONE = new Grants(List.of());

    private final Map<ResourceType, Patterns<Integer>> byType = new EnumMap<>(ResourceType.class);

    Grants(List<Grant> grants) {
        Map<ResourceType, Map<String, Integer>> literals = new EnumMap<>(ResourceType.class);
        Map<ResourceType, Map<String, Integer>> prefixes = new EnumMap<>(ResourceType.class);
        for (Grant grant : grants) {
            var patterns = grant.pattern() == PatternType.PREFIXED ? prefixes : literals;
            patterns.computeIfAbsent(grant.type(), type -> new HashMap<>())
                .merge(grant.name(), grant.operations(), (some, more) -> some | more);
        }
        for (ResourceType type : ResourceType.values()) {
            var patterns = new Patterns<>(literals.getOrDefault(type, Map.of()), prefixes.getOrDefault(type, Map.of()));
            if (!patterns.isEmpty()) {
                byType.put(type, patterns);
            }
        }
    }

    static int bit(AclOperation operation) {
        return 1 << operation.code();
    }

    static boolean includes(int operations, AclOperation operation) {
        return (operations & bit(operation)) != 0;
    }

    boolean allow(AclOperation operation, ResourceType type, String name) {
        Patterns<Integer> patterns = byType.get(type);
        return patterns != null && patterns.concern(name, operations -> includes(operations, operation));
    }

    /** The patterns of a type, with the operations that are allowed on what they name; null where nothing is. */
    Patterns<Integer> of(ResourceType type) {
        return byType.get(type);
    }
}
