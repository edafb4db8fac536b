package dev.tributary.broker;

import java.util.Set;

import org.apache.kafka.common.security.oauthbearer.OAuthBearerToken;

/** A token that was found good. Kafka ends the connections that it opened when its lifetime (epoch milliseconds) ends. */
record ClusterToken(String value, String principalName, long lifetimeMs) implements OAuthBearerToken {
    @Override
    public Set<String> scope() {
        return Set.of();
    }

    @Override
    public Long startTimeMs() {
        return null;
    }
}
