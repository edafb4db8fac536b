package dev.tributary.broker;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Who may use this cluster: the API keys and role bindings that the control plane has published.
 * Immutable; the follower replaces {@link #current()} as a whole.
 */
final class Access {
    /** What a key's secret is checked against, and who uses the cluster through it. */
    record ApiKey(long revision, boolean deleted, String owner, byte[] salt, byte[] hash) { }

    record RoleBinding(long revision, boolean deleted, String principal, String role, String crn) { }

    static final Access EMPTY = new Access(Map.of(), Map.of());

    private static volatile Access current = EMPTY;

    private final Map<String, ApiKey> apiKeys;
    private final Map<String, RoleBinding> roleBindings;
    private final Map<String, List<RoleBinding>> bindingsByPrincipal;

    private Access(Map<String, ApiKey> apiKeys, Map<String, RoleBinding> roleBindings) {
        this.apiKeys = apiKeys;
        this.roleBindings = roleBindings;
        this.bindingsByPrincipal = roleBindings.values().stream()
            .filter(binding -> !binding.deleted())
            .collect(Collectors.groupingBy(RoleBinding::principal));
    }

    static Access current() {
        return current;
    }

    static synchronized void replace(Access access) {
        current = Objects.requireNonNull(access);
    }

    /** For a state of unknown age: it never takes the place of one that was read from the topic. */
    static synchronized void replaceIfUnknown(Access access) {
        if (current == EMPTY) {
            current = Objects.requireNonNull(access);
        }
    }

    /** The key with this id, unless it does not exist or was revoked. */
    ApiKey apiKey(String id) {
        ApiKey key = apiKeys.get(id);
        return key == null || key.deleted() ? null : key;
    }

    boolean isAdministrator(String principal) {
        return bindingsByPrincipal.getOrDefault(principal, List.of()).stream()
            .anyMatch(binding -> binding.role().equals("OrganizationAdmin"));
    }

    /** The records that would rebuild this state, as the access topic holds them. */
    ObjectNode toRecords(ObjectNode records) {
        apiKeys.forEach((id, key) -> {
            ObjectNode record = records.putObject("key/" + id).put("revision", key.revision());
            if (key.deleted()) {
                record.put("deleted", true);
            } else {
                record.put("owner", key.owner()).put("salt", key.salt()).put("hash", key.hash());
            }
        });
        roleBindings.forEach((id, binding) -> {
            ObjectNode record = records.putObject("binding/" + id).put("revision", binding.revision());
            if (binding.deleted()) {
                record.put("deleted", true);
            } else {
                record.put("principal", binding.principal()).put("role", binding.role()).put("crn", binding.crn());
            }
        });
        return records;
    }

    int size() {
        return apiKeys.size() + roleBindings.size();
    }

    Builder edit() {
        return new Builder(new HashMap<>(apiKeys), new HashMap<>(roleBindings));
    }

    /** Collects records in any order; a record older than what is known changes nothing. */
    static final class Builder {
        private final Map<String, ApiKey> apiKeys;
        private final Map<String, RoleBinding> roleBindings;

        private Builder(Map<String, ApiKey> apiKeys, Map<String, RoleBinding> roleBindings) {
            this.apiKeys = apiKeys;
            this.roleBindings = roleBindings;
        }

        void put(String id, ApiKey key) {
            apiKeys.merge(id, key, (known, next) -> next.revision() >= known.revision() ? next : known);
        }

        void put(String id, RoleBinding binding) {
            roleBindings.merge(id, binding, (known, next) -> next.revision() >= known.revision() ? next : known);
        }

        Access build() {
            return new Access(Map.copyOf(apiKeys), Map.copyOf(roleBindings));
        }
    }
}
