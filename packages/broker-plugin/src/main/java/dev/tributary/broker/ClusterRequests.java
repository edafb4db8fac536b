package dev.tributary.broker;

import java.util.EnumSet;
import java.util.Set;

import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * Which requests on the CLUSTER resource are a tenant's to make at all. ALTER on the cluster covers
 * both ACLs, which are the tenant's, and reassignments, voters and features, which are the control
 * plane's: the operation alone can't tell them apart, so the request's type decides.
 */
final class ClusterRequests {
    private static final Set<ApiKeys> ALTER = EnumSet.of(ApiKeys.CREATE_ACLS, ApiKeys.DELETE_ACLS);
    private static final Set<AclOperation> WITHOUT_HARM = EnumSet.of(
        AclOperation.CREATE, AclOperation.DESCRIBE, AclOperation.DESCRIBE_CONFIGS, AclOperation.IDEMPOTENT_WRITE);

    private ClusterRequests() { }

    static boolean belongToTenants(int requestType, AclOperation operation) {
        return WITHOUT_HARM.contains(operation)
            || operation == AclOperation.ALTER && ApiKeys.hasId(requestType) && ALTER.contains(ApiKeys.forId(requestType));
    }
}
