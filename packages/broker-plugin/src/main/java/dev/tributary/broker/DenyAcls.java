package dev.tributary.broker;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.stream.Stream;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.metadata.authorizer.StandardAcl;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;

/**
 * The cluster's DENY ACLs, found without looking at its other ACLs. Kafka's own order of ACLs answers
 * whether all of them together allow, not whether one denies what a grant allows.
 *
 * <p>One thread writes, the one that follows the cluster's metadata; any may read.
 */
final class DenyAcls {
    private static final String EVERYONE = "User:*";
    private static final String ANYWHERE = "*";

    private final Map<Uuid, StandardAcl> byId = new HashMap<>();
    private final Map<ResourceType, Map<String, Patterns<List<StandardAcl>>>> byTypeAndPrincipal = new EnumMap<>(ResourceType.class);

    DenyAcls(Map<Uuid, StandardAcl> acls) {
        for (ResourceType type : ResourceType.values()) {
            byTypeAndPrincipal.put(type, new ConcurrentHashMap<>());
        }
        acls.forEach(this::add);
    }

    void add(Uuid id, StandardAcl acl) {
        if (acl.permissionType() == AclPermissionType.DENY) {
            byId.put(id, acl);
            change(acl, (acls, added) -> Stream.concat(acls.stream(), Stream.of(added)).toList());
        }
    }

    void remove(Uuid id) {
        StandardAcl acl = byId.remove(id);
        if (acl != null) {
            change(acl, (acls, removed) -> acls.stream().filter(known -> !known.equals(removed)).toList());
        }
    }

    private void change(StandardAcl acl, BiFunction<List<StandardAcl>, StandardAcl, List<StandardAcl>> change) {
        byTypeAndPrincipal.get(acl.resourceType()).compute(acl.principal(), (principal, known) -> {
            Patterns<List<StandardAcl>> patterns = known == null ? new Patterns<>(Map.of(), Map.of()) : known;
            List<StandardAcl> acls = patterns.get(acl.patternType(), acl.resourceName());
            List<StandardAcl> changed = change.apply(acls == null ? List.of() : acls, acl);
            Patterns<List<StandardAcl>> next =
                patterns.with(acl.patternType(), acl.resourceName(), changed.isEmpty() ? null : changed);
            return next.isEmpty() ? null : next;
        });
    }

    /** Whether one of them denies this. As with Kafka's own, a DENY implies nothing: that of READ leaves DESCRIBE alone. */
    boolean deny(AuthorizableRequestContext request, AclOperation operation, ResourceType type, String name) {
        return any(request, type, operation, (acls, denies) ->
            acls.hasLiteral(ResourcePattern.WILDCARD_RESOURCE, denies) || acls.concern(name, denies));
    }

    /** Whether one of them denies this on everything that the pattern names. */
    boolean denyAll(AuthorizableRequestContext request, AclOperation operation, ResourceType type, PatternType pattern, String name) {
        if (pattern == PatternType.LITERAL) {
            return deny(request, operation, type, name);
        }
        return any(request, type, operation, (acls, denies) ->
            acls.hasLiteral(ResourcePattern.WILDCARD_RESOURCE, denies) || acls.hasPrefixOf(name, denies));
    }

    private interface Search {
        boolean finds(Patterns<List<StandardAcl>> acls, Predicate<List<StandardAcl>> denies);
    }

    private boolean any(AuthorizableRequestContext request, ResourceType type, AclOperation operation, Search search) {
        var byPrincipal = byTypeAndPrincipal.get(type);
        if (byPrincipal.isEmpty()) {
            return false;
        }
        String host = request.clientAddress().getHostAddress();
        Predicate<List<StandardAcl>> denies = acls -> anyOf(acls, operation, host);
        var own = byPrincipal.get(request.principal().toString());
        var everyones = byPrincipal.get(EVERYONE);
        return own != null && search.finds(own, denies) || everyones != null && search.finds(everyones, denies);
    }

    private static boolean anyOf(List<StandardAcl> acls, AclOperation operation, String host) {
        for (StandardAcl acl : acls) {
            boolean concernsOperation = acl.operation() == operation || acl.operation() == AclOperation.ALL;
            if (concernsOperation && (acl.host().equals(ANYWHERE) || acl.host().equals(host))) {
                return true;
            }
        }
        return false;
    }
}
