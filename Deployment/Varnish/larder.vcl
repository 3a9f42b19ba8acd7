vcl 4.1;

# Varnish 7 with the module xkey (Debian: varnish, varnish-modules), for the purger of LarderEdge:
#   PURGEKEYS with xkey-purge or xkey-softpurge    tags
#   PURGE, with x-purge-mode: soft or without      one URL
#   BAN with x-ban-url, or with x-ban-all          URLs by a pattern, or everything

import purge;
import std;
import xkey;

backend default {
    .host = "127.0.0.1";
    .port = "8080";
}

# Who may purge. Nobody else can, whatever they know.
acl purgers {
    "127.0.0.1";
    "::1";
}

sub vcl_recv {
    if (req.method ~ "^(PURGE|PURGEKEYS|BAN)$" && client.ip !~ purgers) {
        return (synth(403, "Forbidden"));
    }
    if (req.method == "PURGEKEYS") {
        if (req.http.xkey-softpurge) {
            set req.http.x-purged = xkey.softpurge(req.http.xkey-softpurge);
        } elsif (req.http.xkey-purge) {
            set req.http.x-purged = xkey.purge(req.http.xkey-purge);
        } else {
            return (synth(400, "Name the tags in xkey-purge or xkey-softpurge"));
        }
        return (synth(200, "Purged"));
    }
    if (req.method == "BAN") {
        # Only what belongs to the object, so that the lurker can carry it out.
        if (req.http.x-ban-all) {
            if (std.ban("obj.status != 0")) { return (synth(200, "Banned")); }
        } elsif (req.http.x-ban-url) {
            if (std.ban("obj.http.x-host == " + req.http.host + " && obj.http.x-url ~ " + req.http.x-ban-url)) {
                return (synth(200, "Banned"));
            }
        } else {
            return (synth(400, "Name what to ban in x-ban-url or x-ban-all"));
        }
        return (synth(400, std.ban_error()));
    }
    if (req.method == "PURGE") {
        return (hash);
    }
}

sub purge_one {
    if (req.method == "PURGE") {
        if (req.http.x-purge-mode == "soft") {
            set req.http.x-purged = purge.soft(0s);
        } else {
            set req.http.x-purged = purge.hard();
        }
        return (synth(200, "Purged"));
    }
}

sub vcl_hit {
    call purge_one;
}

sub vcl_miss {
    call purge_one;
}

sub vcl_synth {
    if (req.http.x-purged) {
        set resp.http.x-purged-count = req.http.x-purged;
    }
}

sub vcl_backend_response {
    set beresp.http.x-url = bereq.url;
    set beresp.http.x-host = bereq.http.host;
    # Varnish takes stale-while-revalidate for grace by itself, and stale-if-error for nothing.
    if (beresp.http.Cache-Control ~ "stale-if-error=[0-9]+") {
        set beresp.keep = std.duration(
            regsub(beresp.http.Cache-Control, ".*stale-if-error=([0-9]+).*", "\1s"), 0s);
    }
    # A refresh that failed must not take the place of what is stale.
    if (beresp.status >= 500 && bereq.is_bgfetch) {
        return (abandon);
    }
}

sub vcl_deliver {
    if (obj.hits > 0) {
        set resp.http.Cache-Status = "varnish; hit";
    } else {
        set resp.http.Cache-Status = "varnish; fwd=miss";
    }
    unset resp.http.xkey;
    unset resp.http.x-url;
    unset resp.http.x-host;
}
