package dev.tributary.broker;

import java.net.InetAddress;
import java.net.UnknownHostException;

import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;

/** A request as brokers show it to their authorizer. */
record ARequest(KafkaPrincipal principal, InetAddress clientAddress, ApiKeys type) implements AuthorizableRequestContext {
    static ARequest by(String user, String host, ApiKeys type) {
        try {
            return new ARequest(new KafkaPrincipal(KafkaPrincipal.USER_TYPE, user), InetAddress.getByName(host), type);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Override
    public String listenerName() {
        return "EXTERNAL";
    }

    @Override
    public SecurityProtocol securityProtocol() {
        return SecurityProtocol.SASL_SSL;
    }

    @Override
    public int requestType() {
        return type.id;
    }

    @Override
    public int requestVersion() {
        return type.latestVersion();
    }

    @Override
    public String clientId() {
        return "client";
    }

    @Override
    public int correlationId() {
        return 1;
    }
}
