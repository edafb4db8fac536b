package dev.tributary.broker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Who may use this cluster: the API keys and role bindings that the control plane has published.
 * Immutable; the follower replaces {@link #current()} as a whole.
 */
final class Access {
    /** What a key's secret is checked against, who uses the cluster through it, and until when (epoch milliseconds). */
    record ApiKey(long revision, boolean deleted, String owner, byte[] salt, byte[] hash, long expiresMs) {
        static final long NEVER = Long.MAX_VALUE;

        static ApiKey deletion(long revision) {
            return new ApiKey(revision, true, "", new byte[0], new byte[0], NEVER);
        }
    }

    record RoleBinding(long revision, boolean deleted, String principal, List<Grants.Grant> grants) {
        static RoleBinding deletion(long revision) {
            return new RoleBinding(revision, true, "", List.of());
        }
    }

    static final Access EMPTY = new Access(Map.of(), Map.of(), Map.of(), 0);

    private static volatile Access current = EMPTY;

    private final Map<String, ApiKey> apiKeys;
    private final Map<String, RoleBinding> roleBindings;
    private final Map<String, Grants> grantsByPrincipal;
    private final long revision;

    private Access(Map<String, ApiKey> apiKeys, Map<String, RoleBinding> roleBindings,
                   Map<String, Grants> grantsByPrincipal, long revision) {
        this.apiKeys = apiKeys;
        this.roleBindings = roleBindings;
        this.grantsByPrincipal = grantsByPrincipal;
        this.revision = revision;
    }

    static Access current() {
        return current;
    }

    static synchronized void replace(Access access) {
        current = Objects.requireNonNull(access);
    }

    /** For a state of unknown age: it never takes the place of one that was read from the topic. */
    static synchronized void replaceIfUnknown(Access access) {
        if (!current.isKnown()) {
            current = Objects.requireNonNull(access);
        }
    }

    /** Whether this is what was read from the topic or the disk, even if that was nothing. */
    boolean isKnown() {
        return this != EMPTY;
    }

    /** The key with this id, unless it does not exist, was revoked or has expired. */
    ApiKey apiKey(String id, long nowMs) {
        ApiKey key = apiKeys.get(id);
        return key == null || key.deleted() || key.expiresMs() <= nowMs ? null : key;
    }

    /** What a user or service account may do by its role bindings. */
    Grants grantsOf(String principal) {
        return grantsByPrincipal.getOrDefault(principal, Grants.NONE);
    }

    Map<String, ApiKey> apiKeys() {
        return apiKeys;
    }

    Map<String, RoleBinding> roleBindings() {
        return roleBindings;
    }

    /** The highest revision of all records that made this state, deletions included. */
    long revision() {
        return revision;
    }

    int size() {
        return apiKeys.size() + roleBindings.size();
    }

    Builder edit() {
        return new Builder(this);
    }

    /** Collects records in any order; a record older than what is known changes nothing. */
    static final class Builder {
        private final Map<String, ApiKey> apiKeys;
        private final Map<String, RoleBinding> roleBindings;
        private final Map<String, Grants> knownGrants;
        /** Whose grants are no longer the known ones. */
        private final Set<String> changed = new HashSet<>();
        private long revision;

        private Builder(Access known) {
            apiKeys = new HashMap<>(known.apiKeys);
            roleBindings = new HashMap<>(known.roleBindings);
            knownGrants = known.grantsByPrincipal;
            revision = known.revision;
        }

        void put(String id, ApiKey key) {
            revision = Math.max(revision, key.revision());
            apiKeys.merge(id, key, (known, next) -> next.revision() >= known.revision() ? next : known);
        }

        void put(String id, RoleBinding binding) {
            revision = Math.max(revision, binding.revision());
            RoleBinding known = roleBindings.get(id);
            if (known != null && binding.revision() < known.revision()) {
                return;
            }
            if (known != null) {
                changed.add(known.principal());
            }
            changed.add(binding.principal());
            roleBindings.put(id, binding);
        }

        Access build() {
            return new Access(Map.copyOf(apiKeys), Map.copyOf(roleBindings), grantsByPrincipal(), revision);
        }

        private Map<String, Grants> grantsByPrincipal() {
            if (changed.isEmpty()) {
                return knownGrants;
            }
            Map<String, List<Grants.Grant>> granted = new HashMap<>();
            for (RoleBinding binding : roleBindings.values()) {
                if (!binding.deleted() && changed.contains(binding.principal())) {
                    granted.computeIfAbsent(binding.principal(), principal -> new ArrayList<>()).addAll(binding.grants());
                }
            }
            Map<String, Grants> all = new HashMap<>(knownGrants);
            all.keySet().removeAll(changed);
            granted.forEach((principal, grants) -> all.put(principal, new Grants(grants)));
            return Map.copyOf(all);
        }
    }
}
