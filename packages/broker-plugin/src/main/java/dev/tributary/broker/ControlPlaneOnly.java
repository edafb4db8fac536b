package dev.tributary.broker;

import java.util.EnumSet;
import java.util.Set;

import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.resource.ResourcePattern;

/**
 * What no tenant may do, whatever ACL or role says so: it is the control plane's.
 *
 * <p>ALTER on the cluster covers both ACLs, which are the tenant's, and reassignments, voters and
 * features, which are not: the operation alone can't tell them apart, so the request's type decides.
 * CREATE on the cluster would create a topic of any name: it is asked for each topic instead.
 *
 * <p>What a tenant's DESCRIBE and DESCRIBE_CONFIGS on the cluster show of the control plane's things
 * (quorum, log directories, quotas, reassignments, broker configs) changes nothing, and Kafka's own
 * tools ask for it.
 */
final class ControlPlaneOnly {
    /** Whatever is named so is the control plane's: with the transactional id, a tenant could fence it. */
    private static final String OWN_PREFIX = "__tributary_";
    private static final Set<ApiKeys> ALTERED_BY_TENANTS = EnumSet.of(ApiKeys.CREATE_ACLS, ApiKeys.DELETE_ACLS);
    private static final Set<ApiKeys> CREATING_TOPICS = EnumSet.of(ApiKeys.CREATE_TOPICS, ApiKeys.STREAMS_GROUP_HEARTBEAT);
    private static final Set<AclOperation> WITHOUT_HARM = EnumSet.of(
        AclOperation.DESCRIBE, AclOperation.DESCRIBE_CONFIGS, AclOperation.IDEMPOTENT_WRITE);

    /** Kafka's own tools describe every topic that there is, or fail. */
    private static final Set<AclOperation> LOOKING = EnumSet.of(AclOperation.DESCRIBE, AclOperation.DESCRIBE_CONFIGS);

    private ControlPlaneOnly() { }

    static boolean covers(int requestType, AclOperation operation, ResourcePattern resource) {
        return switch (resource.resourceType()) {
            case CLUSTER -> !isForTenants(requestType, operation);
            case TOPIC -> resource.name().startsWith(OWN_PREFIX)
                || isInternal(resource.name()) && !LOOKING.contains(operation);
            case TRANSACTIONAL_ID, GROUP -> resource.name().startsWith(OWN_PREFIX);
            default -> true;
        };
    }

    private static boolean isForTenants(int requestType, AclOperation operation) {
        return switch (operation) {
            case CREATE -> !isOneOf(CREATING_TOPICS, requestType);
            case ALTER -> isOneOf(ALTERED_BY_TENANTS, requestType);
            default -> WITHOUT_HARM.contains(operation);
        };
    }

    private static boolean isOneOf(Set<ApiKeys> requests, int requestType) {
        return ApiKeys.hasId(requestType) && requests.contains(ApiKeys.forId(requestType));
    }

    private static boolean isInternal(String topic) {
        return Topic.isInternal(topic) || topic.equals(Topic.CLUSTER_METADATA_TOPIC_NAME)
            || topic.equals("__remote_log_metadata");
    }
}
