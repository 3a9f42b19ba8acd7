import Testing

@testable import LarderEdge

@Suite("Signatures")
struct SignatureTests {
    private let aws = AWSSignature(
        accessKey: "AKIDEXAMPLE",
        secretKey: EdgeSecret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
        region: "us-east-1",
        service: "iam"
    )

    @Test("Amazon's published example has its published signature")
    func amazon() throws {
        #expect(aws.key(date: "20150830").hex == "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9")
        let call = EdgeCall(
            "GET",
            "https://iam.amazonaws.com/?Version=2010-05-08&Action=ListUsers",
            [.init("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")]
        )
        let signed = try aws.signed(call, at: 1_440_938_160)
        #expect(
            signed.fields.last?.value
                == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
                + "SignedHeaders=content-type;host;x-amz-date, "
                + "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
        )
    }

    @Test("Akamai's published examples have their published signatures")
    func akamai() throws {
        let signature = EdgeGridSignature(
            clientToken: EdgeSecret("akab-client-token-xxx-xxxxxxxxxxxxxxxx"),
            clientSecret: EdgeSecret("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx="),
            accessToken: EdgeSecret("akab-access-token-xxx-xxxxxxxxxxxxxxxx")
        )
        let base = "https://akaa-baseurl-xxxxxxxxxxx-xxxxxxxxxxxxx.luna.akamaiapis.net"
        let nonce = "nonce-xx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
        for (call, expected) in [
            (EdgeCall("GET", base + "/"), "tL+y4hxyHxgWVD30X3pWnGKHcPzmrIF+LThiAOhMxYU="),
            (
                EdgeCall("POST", base + "/testapi/v1/t3", body: "datadatadatadatadatadatadatadata"),
                "hXm4iCxtpN22m4cbZb4lVLW5rhX8Ca82vCFqXzSTPe4="
            ),
        ] {
            let signed = try signature.signed(call, at: 1_395_430_461, nonce: nonce)
            #expect(signed.fields.last?.value.hasSuffix(";signature=\(expected)") == true)
        }
    }
}
